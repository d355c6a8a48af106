#include "doors/pop3/command.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/codec/ascii.h"

namespace veredus::doors::pop3 {

namespace {

struct Name {
  std::string_view text;
  Verb verb;
};
// Sorted like Verb.
constexpr std::array<Name, 16> kNames{{{"AUTH", Verb::kAuth},
                                       {"CAPA", Verb::kCapa},
                                       {"DELE", Verb::kDele},
                                       {"LANG", Verb::kLang},
                                       {"LIST", Verb::kList},
                                       {"NOOP", Verb::kNoop},
                                       {"PASS", Verb::kPass},
                                       {"QUIT", Verb::kQuit},
                                       {"RETR", Verb::kRetr},
                                       {"RSET", Verb::kRset},
                                       {"STAT", Verb::kStat},
                                       {"STLS", Verb::kStls},
                                       {"TOP", Verb::kTop},
                                       {"UIDL", Verb::kUidl},
                                       {"USER", Verb::kUser},
                                       {"UTF8", Verb::kUtf8}}};

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

std::string_view without_trailing_spaces(std::string_view text) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

/// Takes the next word off `rest`; empty: there is none.
std::string_view next_word(std::string_view& rest) {
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  const auto word = rest.substr(0, rest.find(' '));
  rest.remove_prefix(word.size());
  return word;
}

std::optional<std::uint32_t> parse_number(std::string_view word) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return number;
}

std::expected<std::uint32_t, CommandError> message_number(std::string_view word) {
  if (word.empty()) return std::unexpected(CommandError::kMissingArgument);
  const auto number = parse_number(word);
  if (!number || *number == 0) return std::unexpected(CommandError::kBadMessageNumber);
  return *number;
}

/// What the verb's arguments say; `rest` keeps what they did not take.
std::expected<void, CommandError> take_arguments(Command& command, std::string_view& rest) {
  switch (command.verb) {
    case Verb::kAuth:
      command.text = next_word(rest);
      command.initial_response = next_word(rest);
      return {};
    case Verb::kLang:
      command.text = next_word(rest);
      return {};
    case Verb::kUser:
      command.text = next_word(rest);
      if (command.text.empty()) return std::unexpected(CommandError::kMissingArgument);
      return {};
    case Verb::kList:
    case Verb::kUidl:
      if (const auto word = next_word(rest); !word.empty()) {
        const auto number = message_number(word);
        if (!number) return std::unexpected(number.error());
        command.message = *number;
      }
      return {};
    case Verb::kDele:
    case Verb::kRetr:
    case Verb::kTop: {
      const auto number = message_number(next_word(rest));
      if (!number) return std::unexpected(number.error());
      command.message = *number;
      if (command.verb != Verb::kTop) return {};
      const auto word = next_word(rest);
      if (word.empty()) return std::unexpected(CommandError::kMissingArgument);
      const auto lines = parse_number(word);
      if (!lines) return std::unexpected(CommandError::kBadLineCount);
      command.lines = *lines;
      return {};
    }
    default:
      return {};
  }
}

}  // namespace

std::string_view to_string(Verb verb) { return kNames[static_cast<std::size_t>(verb)].text; }

std::string_view to_string(CommandError error) {
  switch (error) {
    case CommandError::kUnknown:
      return "Unknown command";
    case CommandError::kMissingArgument:
      return "Missing argument";
    case CommandError::kTooManyArguments:
      return "Too many arguments";
    case CommandError::kBadMessageNumber:
      return "Not a message number";
    case CommandError::kBadLineCount:
      return "Not a number of lines";
    case CommandError::kControlCharacters:
      return "Control characters are not allowed";
  }
  return "Bad command";
}

std::expected<Command, CommandError> parse_command(std::string_view line) {
  const auto keyword = line.substr(0, line.find(' '));
  const auto* const found =
      std::ranges::find_if(kNames, [&](const Name& name) { return base::codec::iequals_ascii(name.text, keyword); });
  if (found == kNames.end()) return std::unexpected(CommandError::kUnknown);
  Command command{.verb = found->verb};
  auto rest = line.substr(keyword.size());
  if (command.verb == Verb::kPass) {
    // RFC 1939 s7: PASS has one argument, so spaces in it are the password's.
    if (rest.empty()) return std::unexpected(CommandError::kMissingArgument);
    command.text = rest.substr(1);
    if (command.text.contains('\0')) return std::unexpected(CommandError::kControlCharacters);
    return command;
  }
  if (std::ranges::any_of(rest, is_control)) return std::unexpected(CommandError::kControlCharacters);
  rest = without_trailing_spaces(rest);
  if (const auto taken = take_arguments(command, rest); !taken) return std::unexpected(taken.error());
  if (!rest.empty()) return std::unexpected(CommandError::kTooManyArguments);
  return command;
}

}  // namespace veredus::doors::pop3
