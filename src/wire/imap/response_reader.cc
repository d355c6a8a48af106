#include "wire/imap/response_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "wire/imap/cursor.h"
#include "wire/imap/value_parser.h"

namespace veredus::wire::imap {
namespace {

using base::codec::iequals_ascii;

std::optional<Condition> condition_of(std::string_view word) {
  for (const auto condition : {Condition::kOk, Condition::kNo, Condition::kBad, Condition::kPreauth, Condition::kBye})
    if (iequals_ascii(word, to_string(condition))) return condition;
  return std::nullopt;
}

std::optional<std::uint32_t> whole_number(std::string_view text) {
  Cursor at(text);
  const auto number = at.number();
  if (!number || !at.at_end()) return std::nullopt;
  return *number;
}

/// Whether all of the line is text for people, which may end like a literal.
bool is_text_line(std::string_view line) {
  if (line.starts_with('+') || !line.starts_with("* ")) return true;
  const auto word = line.substr(2, line.find(' ', 2) - 2);
  return condition_of(word).has_value();
}

/// `[CODE arguments] text`
std::expected<void, ResponseError> read_condition(ValueParser& at, Response& response) {
  at.skip_blanks();
  const auto all = at.rest();
  if (at.take('[')) {
    response.code = base::codec::to_upper_ascii(at.word());
    auto values = at.values(']');
    if (!values || response.code.empty()) {  // a code of a grammar of its own: text, then
      response.code.clear();
      response.text = all;
      return {};
    }
    response.code_values = *std::move(values);
    at.skip_blanks();
  }
  response.text = at.rest();
  return {};
}

std::expected<Response, ResponseError> read_response(std::string_view text, std::span<const std::size_t> streamed,
                                                     const ResponseLimits& limits) {
  Response response;
  if (text.starts_with('+')) {
    response.kind = Response::Kind::kContinuation;
    response.text = text.substr(std::min<std::size_t>(text.starts_with("+ ") ? 2 : 1, text.size()));
    return response;
  }
  ValueParser at(text, streamed, limits);
  const auto tag = at.word();
  at.skip_blanks();
  response.kind = tag == "*" ? Response::Kind::kUntagged : Response::Kind::kTagged;
  if (response.kind == Response::Kind::kTagged) response.tag = tag;
  auto word = at.word();
  response.number = response.kind == Response::Kind::kUntagged ? whole_number(word) : std::nullopt;
  if (response.number) {
    at.skip_blanks();
    word = at.word();
  }
  response.name = base::codec::to_upper_ascii(word);
  response.condition = response.number ? std::nullopt : condition_of(word);
  if (tag.empty() || word.empty()) return std::unexpected(ResponseError::kSyntax);
  if (response.condition) {
    VEREDUS_TRY(read_condition(at, response));
    return response;
  }
  if (response.kind == Response::Kind::kTagged) return std::unexpected(ResponseError::kSyntax);
  VEREDUS_TRY(response.values, at.values());
  return response;
}

}  // namespace

bool ResponseValue::is(std::string_view atom) const { return kind == Kind::kAtom && iequals_ascii(text, atom); }

std::optional<std::uint64_t> ResponseValue::number() const {
  if (kind != Kind::kAtom && kind != Kind::kString) return std::nullopt;
  Cursor at(text);
  const auto number = at.number64();
  if (!number || !at.at_end()) return std::nullopt;
  return *number;
}

std::string_view to_string(ResponseError error) {
  switch (error) {
    case ResponseError::kSyntax:
      return "malformed response";
    case ResponseError::kLineTooLong:
      return "a line of the response is too long";
    case ResponseError::kLiteralTooBig:
      return "a literal of the response is too big";
    case ResponseError::kTooLong:
      return "the response is too long";
    case ResponseError::kNesting:
      return "too many lists within each other";
    case ResponseError::kTooManyValues:
      return "too many values in one response";
  }
  return "unknown";
}

class ResponseReader::State {
 public:
  using Stepped = std::expected<ResponseStep, ResponseError>;
  explicit State(const ResponseLimits& limits) : limits_(limits) {}

  Stepped feed_line(std::string_view line);
  Stepped feed_literal(std::string_view octets);
  Stepped passed();

 private:
  ResponseLimits limits_;
  std::string text_;
  std::vector<std::size_t> streamed_;
  std::uint64_t expected_ = 0;  // octets of the literal asked for
};

ResponseReader::State::Stepped ResponseReader::State::feed_line(std::string_view line) {
  if (line.size() > limits_.line_octets) return std::unexpected(ResponseError::kLineTooLong);
  if (text_.size() + line.size() > limits_.response_octets) return std::unexpected(ResponseError::kTooLong);
  const bool may_have_literal = !text_.empty() || !is_text_line(line);
  text_.append(line);
  std::size_t before = 0;
  const auto mark = may_have_literal ? literal_at_end(line, &before) : std::nullopt;
  if (mark) {
    text_.append("\r\n");
    expected_ = mark->octets;
    auto item = line.substr(0, before);
    while (item.ends_with(' ')) item.remove_suffix(1);
    item.remove_prefix(item.find_last_of(" (", item.rfind('[')) + 1);
    return NeedResponseLiteral{.octets = mark->octets, .item = std::string(item)};
  }
  auto response = read_response(text_, streamed_, limits_);
  text_.clear();
  streamed_.clear();
  if (!response) return std::unexpected(response.error());
  return *std::move(response);
}

ResponseReader::State::Stepped ResponseReader::State::feed_literal(std::string_view octets) {
  if (expected_ > limits_.literal_octets || octets.size() != expected_)
    return std::unexpected(ResponseError::kLiteralTooBig);
  if (text_.size() + octets.size() > limits_.response_octets) return std::unexpected(ResponseError::kTooLong);
  text_.append(octets);
  return NeedResponseLine{};
}

ResponseReader::State::Stepped ResponseReader::State::passed() {
  streamed_.push_back(text_.size());
  return NeedResponseLine{};
}

ResponseReader::ResponseReader(ResponseLimits limits) : state_(std::make_unique<State>(limits)) {}
ResponseReader::ResponseReader(ResponseReader&&) noexcept = default;
ResponseReader& ResponseReader::operator=(ResponseReader&&) noexcept = default;
ResponseReader::~ResponseReader() = default;

std::expected<ResponseStep, ResponseError> ResponseReader::feed_line(std::string_view line) {
  return state_->feed_line(line);
}
std::expected<ResponseStep, ResponseError> ResponseReader::feed_literal(std::string_view octets) {
  return state_->feed_literal(octets);
}
std::expected<ResponseStep, ResponseError> ResponseReader::passed() { return state_->passed(); }

std::expected<ResponseValue, ResponseError> read_value(std::string_view text, ResponseLimits limits) {
  ValueParser at(text, {}, limits);
  VEREDUS_TRY(auto value, at.value());
  if (!at.at_end()) return std::unexpected(ResponseError::kSyntax);
  return value;
}

}  // namespace veredus::wire::imap
