#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/mime/limits.h"
#include "wire/mime/structure.h"

namespace veredus::wire::mime {

/// Finds the parts of a message while its octets pass by. Never fails: any octets have a structure. Holds header blocks
/// up to a limit, part records, and the first octets of the first text parts; never a body. How the input is cut into
/// feeds makes no difference. Linear time. Lines end in CRLF or LF. Source: RFC 5322 s2.1, RFC 2046 s5.1.
class StructureParser {
 public:
  explicit StructureParser(Limits limits = {});

  void feed(std::string_view octets);

  /// Ends the message; the parser must not be used after.
  Structure finish();

 private:
  enum class State : std::uint8_t { kHeader, kBody };
  enum class Delimiter : std::uint8_t { kNone, kNext, kClose };
  enum class Line : std::uint8_t {
    kFresh,      // nothing of this line is decided; what came of it is in held_
    kPlain,      // no delimiter, no blank line: octets are passed on as they come
    kDelimiter,  // a delimiter that was too long to hold; its end is awaited
  };
  struct Open {  // a multipart whose delimiters are looked for
    std::uint32_t part;
    std::string boundary;
    bool closed = false;  // its closing delimiter was seen: the epilogue
  };

  void whole_line(std::string_view line, std::uint64_t begin);
  void partial_line(std::string_view piece);
  void end_held_line(std::string_view rest);
  [[nodiscard]] bool may_decide_later() const;

  void begin_part(std::uint32_t parent, std::uint64_t begin);
  void begin_opaque_rest(std::uint32_t parent, std::uint64_t begin);
  void end_header(std::uint64_t body_begin);
  void read_content_fields(Part& part);
  void choose_kind();
  void start_body();
  void plain_octets(std::string_view octets);
  void keep_header(std::string_view octets);
  void line_done(std::uint64_t next_line, bool had_cr);
  Delimiter match(std::string_view line, std::size_t& open_index) const;
  bool take_delimiter(std::string_view line, std::uint64_t begin);
  void apply_delimiter(Delimiter delimiter, std::size_t open_index, std::uint64_t begin);
  void close_current(std::uint64_t end, std::uint64_t lines);
  void close_until(std::size_t open_count, std::uint64_t line_begin);
  void imply_child(std::uint32_t multipart);
  void drop_empty_tail();

  Limits limits_;
  Structure structure_;
  State state_ = State::kHeader;
  std::vector<std::uint32_t> path_;  // from the root to the current part
  std::vector<Open> open_;           // innermost last
  bool delimiters_matter_ = true;    // false inside the opaque rest

  std::uint64_t offset_ = 0;         // of the next octet to come
  std::uint64_t line_begin_ = 0;     // of the line that is under way
  std::uint64_t lines_ = 0;          // line ends so far
  std::uint64_t last_line_end_ = 0;  // octets of the line end before line_begin_: 0, 1 or 2
  char last_octet_ = 0;
  Line line_ = Line::kFresh;
  std::string held_;
  Delimiter held_delimiter_ = Delimiter::kNone;
  std::size_t held_open_ = 0;

  std::string header_;           // of the current part
  std::size_t header_line_ = 0;  // where the line under way begins in header_
  std::size_t header_fields_ = 0;
  std::size_t kept_header_octets_ = 0;
  bool header_full_ = false;
  std::uint64_t lines_at_part_ = 0;  // lines_ when the current header began
  std::size_t samples_ = 0;
  std::uint32_t sampled_ = kNoPart;            // whose body is being sampled
  std::vector<std::uint64_t> body_line_base_;  // by part: lines_ when its body began
};

}  // namespace veredus::wire::mime
