#include "rules/bounce/session_step.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/codec/ascii.h"
#include "rules/bounce/reply_codes.h"

namespace veredus::rules::bounce {
namespace {

struct Telling {
  std::string_view words;  // lower case
  std::string_view step;
};

/// How mail systems name the step in a sentence.
constexpr std::array kTellings = std::to_array<Telling>({
    {"in reply to rcpt to", "RCPT"},
    {"in reply to end of data", "DATA"},
    {"in reply to data", "DATA"},
    {"in reply to mail from", "MAIL"},
    {"in reply to ehlo", "EHLO"},
    {"in reply to helo", "EHLO"},
    {"refused to talk to me", "CONN"},
    {"initial server greeting", "CONN"},
    {"after initial connection", "CONN"},
    {"after rcpt to", "RCPT"},
    {"after rcpt command", "RCPT"},
    {"after pipelined rcpt", "RCPT"},
    {"after mail from", "MAIL"},
    {"after pipelined mail", "MAIL"},
    {"after mail command", "MAIL"},
    {"after end of data", "DATA"},
    {"after pipelined end of data", "DATA"},
    {"after data", "DATA"},
    {"after sending data", "DATA"},
    {"after ehlo", "EHLO"},
    {"after helo", "EHLO"},
    {"for text command", "DATA"},
    {"for rcpt command", "RCPT"},
    {"for mail command", "MAIL"},
    {"did not like our rcpt", "RCPT"},
    {"did not like our mail", "MAIL"},
    {"did not like our data", "DATA"},
    {"did not like our final data", "DATA"},
    {"does not like recipient", "RCPT"},
    {"rcpt to response", "RCPT"},
    {"sender was rejected", "MAIL"},
    {"my name was rejected", "EHLO"},
    {"failed after i sent the message", "DATA"},
    {"failed on data command", "DATA"},
    {"[rcpt_to]", "RCPT"},
    {"[mail_from]", "MAIL"},
    {"[bodysent]", "DATA"},
    {"[data]", "DATA"},
    {"smtp:rcpt", "RCPT"},
    {"smtp:mail", "MAIL"},
    {"smtp:data", "DATA"},
    {"smtp:eod", "DATA"},
    {"(rcpt to)", "RCPT"},
    {"(mail from)", "MAIL"},
    {"(data)", "DATA"},
    {"(state 13)", "MAIL"},
    {"(state 14)", "RCPT"},
    {"(state 15)", "RCPT"},
    {"(state 17)", "DATA"},
    {"(state 18)", "DATA"},
    {"rcpt to not accepted", "RCPT"},
    {"but greeting failed", "CONN"},
    {"while sending mail from", "MAIL"},
    {"while sending rcpt to", "RCPT"},
    {"while sending end of data", "DATA"},
    {"while sending message body", "DATA"},
    {"while performing the helo", "EHLO"},
    {"while performing the ehlo", "EHLO"},
    {"rcpt to command)", "RCPT"},
    {"mail from command)", "MAIL"},
    {"smtp command data", "DATA"},
    {"smtp command rcpt", "RCPT"},
    {"smtp command mail", "MAIL"},
});

std::string_view step_of_command(std::string_view command) {
  using base::codec::istarts_with_ascii;
  if (istarts_with_ascii(command, "RCPT")) return "RCPT";
  if (istarts_with_ascii(command, "MAIL")) return "MAIL";
  if (istarts_with_ascii(command, "DATA") || istarts_with_ascii(command, "BDAT") || command.starts_with('.'))
    return "DATA";
  if (istarts_with_ascii(command, "EHLO") || istarts_with_ascii(command, "HELO")) return "EHLO";
  return {};
}

/// What follows the marks of one line of a transcript, ">>> RCPT To:…" or "In:  RCPT TO:…".
std::string_view after_mark(std::string_view line, std::string_view first, std::string_view second) {
  line = base::codec::trim_ascii(line);
  while (line.starts_with("> ")) line.remove_prefix(2);  // quoted
  for (const auto mark : {first, second})
    if (line.starts_with(mark)) return base::codec::trim_ascii(line.substr(mark.size()));
  return {};
}

std::string_view step_in_transcript(std::string_view text) {
  std::string_view step;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = text.substr(0, end);
    if (const auto said = after_mark(line, ">>>", "In:"); !said.empty()) {
      if (const auto found = step_of_command(base::codec::trim_ascii(said, " >")); !found.empty()) step = found;
    } else if (const auto answer = after_mark(line, "<<<", "Out:"); !answer.empty() && !step.empty()) {
      if (find_reply_codes(answer.substr(0, 4)).code >= 400) return step;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return step;
}

}  // namespace

std::string_view find_step(std::string_view text) {
  if (const auto step = step_in_transcript(text); !step.empty()) return step;
  std::string one_line;
  for (const char c : text.substr(0, 16 * 1024)) {
    const char plain = c == '\n' || c == '\t' ? ' ' : base::codec::to_lower_ascii(c);
    if (plain != ' ' || !one_line.ends_with(' ')) one_line.push_back(plain);
  }
  const Telling* first = nullptr;
  std::size_t first_at = one_line.size();
  for (const Telling& telling : kTellings) {
    const auto at = one_line.find(telling.words);
    if (at < first_at) {
      first_at = at;
      first = &telling;
    }
  }
  return first == nullptr ? std::string_view() : first->step;
}

}  // namespace veredus::rules::bounce
