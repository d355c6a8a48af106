#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
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
  enum class Line : std::uint8_t {
    kUndecided,  // all of the line so far is in held_
    kPlain,      // neither a delimiter nor the blank line: octets are passed on as they come
    kDelimiter,  // a delimiter too long to hold; its end is awaited
  };
  struct Open {  // a multipart whose delimiters are looked for
    std::uint32_t part;
    std::string boundary;
  };
  struct Place {
    std::uint64_t offset;
    std::uint64_t line_ends;  // before it
  };
  struct Delimiter {
    std::size_t open;  // index into open_
    bool closing;
  };

  [[nodiscard]] Place here() const { return {line_begin_, line_ends_}; }
  const char* skip_body_lines(const char* at, const char* end);
  void whole_line(std::string_view line);
  void partial_line(std::string_view piece);
  void end_partial_line(std::string_view rest);
  void end_line(std::string_view end_of_line);
  [[nodiscard]] bool held_is_undecided() const;
  [[nodiscard]] std::optional<Delimiter> match(std::string_view line) const;
  void close_at(Delimiter delimiter);
  void apply(Delimiter delimiter, std::string_view end_of_line);

  void begin_part(std::uint32_t parent, Place begin);
  void content_octets(std::string_view octets, bool begins_line);
  void keep_header(std::string_view octets, bool begins_line);
  void end_header(Place end);
  void end_header_at_first_text();
  void read_content_fields(Part& part);
  void choose_kind(std::uint32_t index);
  void open_multipart(std::uint32_t index);
  void begin_sample(std::uint32_t index);
  void close_last(Place end);
  void imply_child(std::uint32_t multipart);
  void drop_empty_tail();
  std::uint32_t add_part(std::uint32_t parent, Place begin);

  Limits limits_;
  Structure structure_;
  State state_ = State::kHeader;
  std::vector<std::uint32_t> path_;  // from the root to the current part
  std::vector<Open> open_;           // innermost last

  std::uint64_t line_begin_ = 0;     // offset of the line under way
  std::uint64_t line_octets_ = 0;    // of it so far
  std::uint64_t line_ends_ = 0;      // before it, in the whole message
  std::uint64_t last_line_end_ = 0;  // octets of the line end before it: 0, 1 or 2
  Line line_ = Line::kUndecided;
  char last_octet_ = 0;  // of the pieces of this line so far
  std::string held_;
  std::optional<Delimiter> held_delimiter_;

  std::string header_;           // block of the current part
  std::size_t header_line_ = 0;  // where its line under way begins
  std::size_t header_fields_ = 0;
  std::size_t all_header_octets_ = 0;
  bool header_full_ = false;
  std::vector<std::uint64_t> body_line_ends_;  // by part: line_ends_ when its body began
  std::uint64_t header_line_ends_ = 0;         // line_ends_ when the current header began
  std::uint32_t sampled_ = kNoPart;            // whose body is being sampled
  std::size_t sample_limit_ = 0;
  std::size_t samples_ = 0;
  bool have_plain_sample_ = false;
};

}  // namespace veredus::wire::mime
