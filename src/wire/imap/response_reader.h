#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wire/imap/reply.h"

namespace veredus::wire::imap {

/// One value in a server's reply: what the grammar makes of any response, known or not.
struct ResponseValue {
  enum class Kind : std::uint8_t { kNil, kAtom, kString, kList, kStreamed };
  Kind kind = Kind::kNil;
  std::string text{};                  // kAtom with its brackets and all: `BODY[HEADER.FIELDS (FROM)]<0>`; kString
  std::uint64_t octets = 0;            // of a literal that went past the reader (kStreamed)
  std::vector<ResponseValue> items{};  // kList

  [[nodiscard]] bool is(std::string_view atom) const;  // in any case
  [[nodiscard]] std::optional<std::uint64_t> number() const;
  friend bool operator==(const ResponseValue&, const ResponseValue&) = default;
};

struct Response {
  enum class Kind : std::uint8_t { kContinuation, kUntagged, kTagged };
  Kind kind{};
  std::string tag;                      // kTagged
  std::optional<std::uint32_t> number;  // `* 23 EXISTS`
  std::string name;                     // in capitals: "FETCH", "LIST", "OK"
  std::optional<Condition> condition;   // OK, NO, BAD, PREAUTH, BYE
  std::string code;                     // in capitals: "UIDNEXT"; empty: none
  std::vector<ResponseValue> code_values;
  std::string text;                   // of a condition or continuation
  std::vector<ResponseValue> values;  // of all others
};

enum class ResponseError : std::uint8_t {
  kSyntax,
  kLineTooLong,
  kLiteralTooBig,
  kTooLong,
  kNesting,
  kTooManyValues,
};
[[nodiscard]] std::string_view to_string(ResponseError error);

struct ResponseLimits {
  std::size_t line_octets = 1024 * 1024;
  std::uint64_t literal_octets = 16 * 1024 * 1024;  // kept; a larger one can go past (passed())
  std::size_t response_octets = 64 * 1024 * 1024;
  std::size_t nesting = 256;
  std::size_t values = 1'000'000;
};

/// Give the next line to feed_line.
struct NeedResponseLine {};
/// Read so many octets: keep them (feed_literal), or have them go elsewhere (passed()). `item`: the atom before it.
struct NeedResponseLiteral {
  std::uint64_t octets = 0;
  std::string item{};
};
using ResponseStep = std::variant<NeedResponseLine, NeedResponseLiteral, Response>;

/// Reads a server's replies: sans-I/O. Lenient where servers are known to err (empty lists, doubled blanks). Feed no
/// more after an error. RFC 9051 s7, s9.
class ResponseReader {
 public:
  explicit ResponseReader(ResponseLimits limits = {});
  ResponseReader(ResponseReader&&) noexcept;
  ResponseReader& operator=(ResponseReader&&) noexcept;
  ~ResponseReader();

  std::expected<ResponseStep, ResponseError> feed_line(std::string_view line);
  std::expected<ResponseStep, ResponseError> feed_literal(std::string_view octets);
  std::expected<ResponseStep, ResponseError> passed();

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// One value read on its own, to its end: an ENVELOPE, a BODYSTRUCTURE. Literals stand in the text.
[[nodiscard]] std::expected<ResponseValue, ResponseError> read_value(std::string_view text, ResponseLimits limits = {});

}  // namespace veredus::wire::imap
