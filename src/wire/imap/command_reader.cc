#include "wire/imap/command_reader.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "wire/imap/append_parser.h"
#include "wire/imap/command_parser.h"
#include "wire/imap/cursor.h"
#include "wire/imap/notify.h"

namespace veredus::wire::imap {
namespace {

constexpr std::size_t kMaxTag = 64;
// As a literal was: the rest of the command comes without being asked for.
constexpr LiteralMark kLineFollows{.octets = 0, .synchronizing = false};
// As a literal that nobody asks for: the command is over.
constexpr LiteralMark kNothingFollows{.octets = 0, .synchronizing = true};
constexpr std::size_t kKeptCapacity = 1024;
constexpr std::size_t kMaxShown = 32;  // octets of what was sent that a refusal repeats

/// tag = 1*<any ASTRING-CHAR except "+"> (RFC 9051 s9)
bool is_tag(std::string_view tag) {
  return !tag.empty() && tag.size() <= kMaxTag &&
         std::ranges::all_of(tag, [](char c) { return (is_atom_char(c) || c == ']') && c != '+'; });
}

/// RFC 9051 s7.1
std::string code_of(CommandError error) {
  switch (error) {
    case CommandError::kCharset:
    case CommandError::kCharsetOfSaved:
      return "BADCHARSET (US-ASCII UTF-8)";
    case CommandError::kNotifyEvent:  // RFC 5465 s5
      return std::string(kBadEventCode);
    case CommandError::kMessageTooBig:
      return "TOOBIG";  // RFC 4469 s5, RFC 7889 s4
    default:
      return {};
  }
}

Condition condition_of(CommandError error) {
  switch (error) {
    case CommandError::kCharset:
    case CommandError::kCharsetOfSaved:
    case CommandError::kNotifyEvent:
    case CommandError::kMessageTooBig:
    case CommandError::kMailboxName:
      return Condition::kNo;
    default:
      return Condition::kBad;
  }
}

/// What stands where the fault is, for the person who reads the log of a mail program; passwords never.
std::string shown(std::string_view rest) {
  std::string text;
  for (const char c : rest.substr(0, std::min(rest.find('\r'), kMaxShown)))
    text.push_back(c >= ' ' && c < 127 ? c : '?');
  return text;
}

bool may_hold_secret(std::string_view verb) {
  return base::codec::iequals_ascii(verb, "LOGIN") || base::codec::iequals_ascii(verb, "AUTHENTICATE");
}

}  // namespace

ReaderOptions ReaderOptions::before_login() {
  ReaderOptions options;
  options.line_octets = 8 * 1024;
  options.literal_octets = 4 * 1024;
  options.command_octets = 16 * 1024;
  options.message_octets = 0;
  options.discard_octets = 64 * 1024;
  options.nesting = 2;
  options.search_terms = 10;
  options.arguments = 100;
  return options;
}

class CommandReader::State {
 public:
  explicit State(const ReaderOptions& options) : options_(options) {}

  ReadStep feed_line(std::string_view line);
  ReadStep feed_literal(std::string_view octets);
  ReadStep passed();
  ReadStep refuse(Refused refused);
  ReadStep line_was_too_long(std::string_view begin, std::string_view end);

  ReaderOptions options_;
  std::string tag_;
  std::optional<AppendParser> append_;

 private:
  ReadStep begin(std::string_view line);
  ReadStep take_string_literal(const LiteralMark& mark);
  ReadStep take_message();
  ReadStep go_on_appending();
  ReadStep parse();
  ReadStep fail(CommandError error, const Cursor* at = nullptr);
  ReadStep skip_line(std::string_view line);
  ReadStep skip_literal(const LiteralMark& mark);
  ReadStep end_refused();
  void reset();

  bool within_ = false;             // a command was begun
  std::string verb_;                // as sent; for texts
  std::string text_;                // the command's octets from its verb on that are not done with
  std::size_t octets_ = 0;          // of all of it
  LiteralMark pending_;             // of the literal that was asked for last
  std::optional<Refused> refused_;  // what is still to be said when all was thrown away
  std::size_t skipped_ = 0;         // literals since then
};

void CommandReader::State::reset() {
  within_ = false;
  tag_.clear();
  verb_.clear();
  text_.clear();
  if (text_.capacity() > kKeptCapacity) text_.shrink_to_fit();
  octets_ = 0;
  pending_ = {};
  append_.reset();
  refused_.reset();
}

ReadStep CommandReader::State::feed_line(std::string_view line) {
  if (refused_) return skip_line(line);
  const auto mark = literal_at_end(line);
  pending_ = mark.value_or(kNothingFollows);
  octets_ += line.size() + 2;
  if (!within_) {
    within_ = true;
    // A tag first: every answer needs it.
    const auto space = line.find(' ');
    const auto tag = line.substr(0, space);
    if (!is_tag(tag)) return fail(CommandError::kTag);
    tag_ = tag;
    line.remove_prefix(std::min(tag.size() + 1, line.size()));
    while (line.starts_with(' ')) line.remove_prefix(1);
    verb_ = line.substr(0, std::min(line.find(' '), kMaxShown));
  }
  if (line.size() > options_.line_octets) return fail(CommandError::kLineTooLong);
  if (octets_ > options_.command_octets) return fail(CommandError::kCommandTooLong);
  if (line.contains('\0')) return fail(CommandError::kOctet);
  const bool first = text_.empty() && !append_;
  text_.append(line);
  if (mark) text_.append("\r\n");
  if (first) {
    Cursor at(text_);
    if (const auto verb = take_message_verb(at); verb != MessageVerb::kNone) {
      append_.emplace(verb, options_);
      text_.erase(0, at.position());
    }
  }
  if (append_) return go_on_appending();
  if (mark) return take_string_literal(*mark);
  return parse();
}

ReadStep CommandReader::State::go_on_appending() {
  Cursor at(text_);
  const auto next = append_->run(at);
  if (!next) return fail(next.error(), &at);
  text_.erase(0, append_->consumed());
  switch (*next) {
    case AppendParser::Next::kString:
      return take_string_literal(pending_);
    case AppendParser::Next::kMessage:
      return take_message();
    case AppendParser::Next::kDone:
      break;
  }
  Complete complete{.command = {.tag = std::move(tag_), .what = append_->take()}};
  reset();
  return complete;
}

ReadStep CommandReader::State::take_message() {
  const auto& mark = append_->mark();
  if (options_.message_octets == 0) return fail(CommandError::kLogInFirst);
  if (mark.octets > options_.message_octets) return fail(CommandError::kMessageTooBig);
  octets_ = 0;  // what was parsed counts no longer: MULTIAPPEND has as many messages as it likes
  return NeedMessage{.octets = mark.octets, .synchronizing = mark.synchronizing, .binary = mark.binary};
}

ReadStep CommandReader::State::take_string_literal(const LiteralMark& mark) {
  if (mark.octets > options_.literal_octets) return fail(CommandError::kLiteralTooBig);
  if (octets_ + mark.octets > options_.command_octets) return fail(CommandError::kCommandTooLong);
  return NeedLiteral{.octets = mark.octets, .synchronizing = mark.synchronizing};
}

ReadStep CommandReader::State::feed_literal(std::string_view octets) {
  octets_ += octets.size();
  text_.append(octets);
  pending_ = kLineFollows;
  return NeedLine{options_.line_octets};
}

ReadStep CommandReader::State::passed() {
  pending_ = kLineFollows;
  return NeedLine{options_.line_octets};
}

ReadStep CommandReader::State::parse() {
  Cursor at(text_);
  auto body = parse_command_body(at, options_);
  if (!body) return fail(body.error(), &at);
  Complete complete{.command = {.tag = std::move(tag_), .what = *std::move(body)}};
  reset();
  return complete;
}

/// "FETCH: expected a sequence set at "x:y""
ReadStep CommandReader::State::fail(CommandError error, const Cursor* at) {
  Refused refused{.condition = condition_of(error), .code = code_of(error), .error = error};
  if (!verb_.empty() && error != CommandError::kCommand)
    refused.text = base::codec::to_upper_ascii(shown(verb_)) + ": ";
  refused.text += to_string(error);
  if (at != nullptr && !may_hold_secret(verb_)) {
    const auto rest = shown(at->rest());
    refused.text += rest.empty() ? " at the end" : " at \"" + rest + "\"";
  }
  return refuse(std::move(refused));
}

ReadStep CommandReader::State::refuse(Refused refused) {
  refused.tag = tag_.empty() ? "*" : tag_;
  refused_ = std::move(refused);
  text_.clear();
  skipped_ = 0;
  return skip_literal(pending_);
}

/// A client that waits for "+" sends no more of a refused command (RFC 9051 s4.3); another one sends all of it.
ReadStep CommandReader::State::skip_literal(const LiteralMark& mark) {
  if (mark.synchronizing) return end_refused();
  if (mark.octets > options_.discard_octets || ++skipped_ > options_.arguments) {  // RFC 7888 s4
    refused_->close = true;
    return end_refused();
  }
  return Discard{mark.octets};
}

ReadStep CommandReader::State::skip_line(std::string_view line) {
  return skip_literal(literal_at_end(line).value_or(kNothingFollows));
}

ReadStep CommandReader::State::end_refused() {
  auto refused = *std::move(refused_);
  reset();
  return refused;
}

ReadStep CommandReader::State::line_was_too_long(std::string_view begin, std::string_view end) {
  if (refused_) return skip_line(end);
  pending_ = literal_at_end(end).value_or(kNothingFollows);
  const auto tag = begin.substr(0, begin.find(' '));
  if (!within_ && is_tag(tag)) tag_ = tag;
  return fail(CommandError::kLineTooLong);
}

CommandReader::CommandReader(ReaderOptions options) : state_(std::make_unique<State>(options)) {}
CommandReader::CommandReader(CommandReader&&) noexcept = default;
CommandReader& CommandReader::operator=(CommandReader&&) noexcept = default;
CommandReader::~CommandReader() = default;

void CommandReader::set_options(const ReaderOptions& options) { state_->options_ = options; }
const ReaderOptions& CommandReader::options() const { return state_->options_; }
ReadStep CommandReader::feed_line(std::string_view line) { return state_->feed_line(line); }
ReadStep CommandReader::feed_literal(std::string_view octets) { return state_->feed_literal(octets); }
ReadStep CommandReader::passed() { return state_->passed(); }
ReadStep CommandReader::refuse(Condition condition, std::string code, std::string text) {
  return state_->refuse({.condition = condition, .code = std::move(code), .text = std::move(text)});
}
ReadStep CommandReader::line_was_too_long(std::string_view begin, std::string_view end) {
  return state_->line_was_too_long(begin, end);
}
const Append* CommandReader::append() const { return state_->append_ ? state_->append_->append() : nullptr; }
const Replace* CommandReader::replace() const { return state_->append_ ? state_->append_->replace() : nullptr; }
std::string_view CommandReader::tag() const { return state_->tag_; }

}  // namespace veredus::wire::imap
