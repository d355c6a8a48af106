#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "wire/smtp/data_stream.h"
#include "wire/smtp/reply.h"

namespace veredus::doors::smtp {

/// How the octets of a message come.
enum class Framing : std::uint8_t {
  kData,          // dot-stuffed, ended by a dot
  kChunks,        // BDAT: as they are, but whole lines only
  kBinaryChunks,  // BDAT with BODY=BINARYMIME: as they are; a header that is edited is lines nevertheless
};

/// The octets of one message on their way from the peer to the store, without I/O: undoes the framing, counts, lets the
/// header be edited, and notes the first reason to refuse the message. A refused message is still read to its end, and
/// nothing of it is kept.
class IncomingMessage {
 public:
  /// Gets the whole header with its empty line; answers what to store instead (nullopt: what came), or why the message
  /// is refused.
  using HeaderEdit =
      std::function<std::expected<std::optional<std::string>, wire::smtp::Reply>(std::string_view header)>;
  struct Rules {
    Framing framing = Framing::kData;
    std::uint64_t max_octets = 0;
    std::size_t max_header_octets = 256 * 1024;  // where the header is to be edited
    HeaderEdit edit_header;                      // empty: the header stays as it is, and is not waited for
  };

  explicit IncomingMessage(Rules rules);

  /// kData: takes octets up to the final dot.
  wire::smtp::DataStream::Progress feed_data(std::string_view input);
  /// Chunks: takes all.
  void feed_chunk(std::string_view input);
  /// The message is whole. A text that came in chunks gets the CRLF its last line lacks.
  void finish();

  /// What can be stored now; empty when there is nothing.
  [[nodiscard]] std::string take();
  [[nodiscard]] const std::optional<wire::smtp::Reply>& refusal() const { return refusal_; }
  /// As received, framing undone.
  [[nodiscard]] std::uint64_t octets() const { return octets_; }

 private:
  void arrived(std::size_t before);
  void look_for_header_end();
  void edit_header(std::size_t header_octets);
  void refuse(wire::smtp::Reply reply);

  Rules rules_;
  wire::smtp::DataStream data_;
  wire::smtp::LineEndingCheck line_endings_;
  std::string pending_;
  std::optional<wire::smtp::Reply> refusal_;
  std::uint64_t octets_ = 0;
  std::size_t searched_ = 0;  // of pending_, while the header's end is looked for
  bool in_header_;
  bool ends_line_ = true;  // kChunks: what came so far
};

}  // namespace veredus::doors::smtp
