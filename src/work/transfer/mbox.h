#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "state/mailbox/flags.h"

namespace veredus::work::transfer {

/// What a file says of a message besides its octets.
struct FileMarks {
  state::mailbox::FlagSet flags;
  std::vector<std::string> keywords;
  std::optional<SystemTime> date;  // of arrival
  friend bool operator==(const FileMarks&, const FileMarks&) = default;
};

struct MboxMessage {
  std::string octets;  // with the line ends of the file; without the fields that append_to_mbox() put in front
  FileMarks marks;     // from its "From " line and these fields; where there are none, as in files of other programs,
                       // from the Status, X-Status, X-Keywords and X-Mozilla-Status fields of its header
};

enum class MboxError : std::uint8_t {
  kNoMbox,  // it does not begin with a "From " line
  kTooBig,  // a message over the limit; it is passed over, and reading may go on
};
[[nodiscard]] std::string_view to_string(MboxError error);

/// Takes an mbox file apart (RFC 4155, and its variants that quote ">From " lines). Sans-I/O: fed with pieces of the
/// file. A message begins with a "From " line at the file's begin or after an empty line; a quoted one loses one ">".
class MboxReader {
 public:
  explicit MboxReader(std::size_t max_message_octets) : max_octets_(max_message_octets) {}

  void feed(std::string_view octets);
  void finish();  // the file ends
  /// The next whole message; nullopt: feed more, or that was all.
  std::optional<std::expected<MboxMessage, MboxError>> take();

 private:
  void line(std::string_view with_end);
  void end_message();

  std::size_t max_octets_;
  std::string pending_;  // an unfinished line
  std::optional<MboxMessage> message_;
  bool too_big_ = false;
  bool after_empty_ = true;  // a "From " line here begins a message
  bool no_mbox_ = false;
  std::vector<std::expected<MboxMessage, MboxError>> done_;
  std::size_t taken_ = 0;
};

/// Appends a message: "From " line, marks as fields in front of its own, "From " lines inside quoted, an empty line.
/// Line ends become LF.
void append_to_mbox(std::string& out, std::string_view octets, const FileMarks& marks);

}  // namespace veredus::work::transfer
