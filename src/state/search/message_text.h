#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/base64.h"
#include "base/codec/quoted_printable.h"
#include "wire/mime/part_table.h"

namespace veredus::state::search {

/// Takes the searchable text of a message as it is found.
class TextSink {
 public:
  virtual ~TextSink() = default;
  enum class Owner : std::uint8_t { kMessage, kPart };  // whose field it is; a part is also a message inside
  /// One header field, decoded (RFC 2047), on one line.
  virtual void field(Owner owner, std::string_view name, std::string_view value_utf8) = 0;
  /// A piece of the text of a body part: decoded, UTF-8.
  virtual void text(std::string_view text_utf8) = 0;
  /// The part ends.
  virtual void end_text() = 0;
};

/// Turns the octets of a message into its searchable text: all header fields, and the bodies of the parts that are
/// text/* or message/* with their transfer encoding and charset undone. Other parts are passed over. Holds no more than
/// one header block up to kHeaderOctets and one line. Linear time.
class MessageText {
 public:
  enum class Parts : std::uint8_t { kAll, kBodies, kFirstHeader };
  static constexpr std::size_t kHeaderOctets = 1024 * 1024;  // longer blocks are read in pieces
  static constexpr std::size_t kLineOctets = 64 * 1024;      // longer lines in other charsets are read in pieces

  /// `parts` is the message's part table. `sink` must outlive it.
  MessageText(const std::vector<wire::mime::PartEntry>& parts, Parts wanted, TextSink& sink);

  /// Where the next octets that matter begin: what is between here and what was fed may be left out. Nothing matters
  /// any more: kEnd.
  static constexpr std::uint64_t kEnd = ~std::uint64_t{0};
  [[nodiscard]] std::uint64_t wants() const;
  /// Takes octets of the message, which begin at `offset`. Ascending.
  void feed(std::uint64_t offset, std::string_view octets);

 private:
  struct Stretch {
    std::uint64_t begin;
    std::uint64_t end;
    bool header;
    TextSink::Owner owner;
    wire::mime::TransferEncoding encoding;
    bool plain;  // ASCII octets mean themselves
    std::string charset;
  };

  void take(const Stretch& stretch, std::string_view octets);
  void finish(const Stretch& stretch);
  void take_header(const Stretch& stretch);
  void take_text(const Stretch& stretch, std::string_view octets);
  void convert(const Stretch& stretch, std::size_t octets);

  TextSink& sink_;
  std::vector<Stretch> stretches_;
  std::size_t at_ = 0;
  std::uint64_t fed_ = 0;
  std::string held_;
  base::codec::Base64Decoder base64_;
  base::codec::QuotedPrintableDecoder quoted_printable_;
};

/// Whether ASCII octets in a text of this charset are what US-ASCII makes of them.
[[nodiscard]] bool reads_as_ascii(std::string_view charset);

}  // namespace veredus::state::search
