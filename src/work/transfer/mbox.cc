#include "work/transfer/mbox.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/date.h"

namespace veredus::work::transfer {
namespace {

using state::mailbox::Flag;
using state::mailbox::FlagSet;

constexpr std::string_view kFrom = "From ";

std::string_view without_end(std::string_view line) {
  if (line.ends_with('\n')) line.remove_suffix(1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const auto end = std::min(line.find(' '), line.size());
    if (end != 0) words.push_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

/// "From x Sat Jan  3 01:05:34 1996", perhaps with a zone before the year or after it. UTC.
std::optional<SystemTime> date_of(std::string_view from_line) {
  const auto words = words_of(without_end(from_line));
  for (std::size_t at = 2; at + 3 < words.size(); ++at) {
    if (std::ranges::count(kMonths, words[at]) == 0) continue;
    const bool zone_first = words[at + 3].size() != 4 || !base::codec::is_digit(words[at + 3].front());
    if (zone_first && at + 4 >= words.size()) return std::nullopt;
    const auto year = words[at + (zone_first ? 4 : 3)];
    const auto date = base::codec::parse_rfc5322_date(
        fmt::format("{} {} {} {} +0000", words[at + 1], words[at], year, words[at + 2]));
    if (date) return date->time;
  }
  return std::nullopt;
}

/// "9:05", "22:41:50".
bool is_time(std::string_view word) {
  const auto colon = word.find(':');
  if ((colon != 1 && colon != 2) || word.size() < colon + 3) return false;
  return std::ranges::all_of(word.substr(0, colon), base::codec::is_digit) &&
         std::ranges::all_of(word.substr(colon + 1, 2), base::codec::is_digit);
}

/// "From ", then who sent it and when. Many programs quote no "From here on" in a text, so that one of both must be
/// seen to be there. Programs write the date in many ways; a month and a time are in all of them.
bool is_from_line(std::string_view line) {
  if (!line.starts_with(kFrom)) return false;
  const auto sender = line.substr(kFrom.size(), line.find(' ', kFrom.size()) - kFrom.size());
  if (sender.contains('@')) return true;
  const auto words = words_of(without_end(line));
  const auto after_sender = std::span(words).subspan(std::min<std::size_t>(2, words.size()));
  const auto is_month = [](std::string_view word) { return std::ranges::count(kMonths, word) != 0; };
  return std::ranges::any_of(after_sender, is_month) && std::ranges::any_of(after_sender, is_time);
}

void add_keywords(std::string_view value, std::vector<std::string>& keywords) {
  while (!value.empty()) {
    const auto end = std::min(value.find_first_of(" \t,\r\n"), value.size());
    if (end != 0 && std::ranges::count(keywords, value.substr(0, end)) == 0)
      keywords.emplace_back(value.substr(0, end));
    value.remove_prefix(std::min(end + 1, value.size()));
  }
}

struct Letter {
  char letter;
  Flag flag;
};

void add_letters(std::string_view value, std::span<const Letter> letters, FlagSet& flags) {
  for (const auto& [letter, flag] : letters)
    if (value.contains(letter)) flags = flags.with({flag});
}

/// The four hexadecimal digits of X-Mozilla-Status.
void add_mozilla(std::string_view value, FlagSet& flags) {
  unsigned bits = 0;
  for (const char digit : value) {
    const char low = base::codec::to_lower_ascii(digit);
    if (base::codec::is_digit(low))
      bits = bits * 16 + static_cast<unsigned>(low - '0');
    else if (low >= 'a' && low <= 'f')
      bits = bits * 16 + static_cast<unsigned>(low - 'a' + 10);
  }
  if ((bits & 1) != 0) flags = flags.with({Flag::kSeen});
  if ((bits & 2) != 0) flags = flags.with({Flag::kAnswered});
  if ((bits & 4) != 0) flags = flags.with({Flag::kFlagged});
  if ((bits & 8) != 0) flags = flags.with({Flag::kDeleted});
}

constexpr Letter kStatus[] = {{'R', Flag::kSeen}};
constexpr Letter kXStatus[] = {
    {'A', Flag::kAnswered}, {'F', Flag::kFlagged}, {'T', Flag::kDraft}, {'D', Flag::kDeleted}};

void read_field(std::string_view line, FileMarks& marks) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const auto name = line.substr(0, colon);
  const auto value = without_end(line.substr(colon + 1));
  if (base::codec::iequals_ascii(name, "Status")) add_letters(value, kStatus, marks.flags);
  if (base::codec::iequals_ascii(name, "X-Status")) add_letters(value, kXStatus, marks.flags);
  if (base::codec::iequals_ascii(name, "X-Keywords")) add_keywords(value, marks.keywords);
  if (base::codec::iequals_ascii(name, "X-Mozilla-Status")) add_mozilla(value, marks.flags);
}

/// What append_to_mbox() puts in front of a message: all three, so that a field of the message's own is not taken for
/// one of them.
constexpr std::array<std::string_view, 3> kMarksInFront{"Status:", "X-Status:", "X-Keywords:"};

/// Reads the marks that append_to_mbox() put in front of a message. Answers how many octets they are: none of the
/// message's own. 0: it has none.
std::size_t read_marks_in_front(std::string_view octets, FileMarks& marks) {
  std::array<std::string_view, kMarksInFront.size()> values;
  std::size_t from = 0;
  for (std::size_t i = 0; i < kMarksInFront.size(); ++i) {
    const auto end = octets.find('\n', from);
    const auto line = octets.substr(from, end - from);
    if (end == std::string_view::npos || !line.starts_with(kMarksInFront[i])) return 0;
    values[i] = without_end(line.substr(kMarksInFront[i].size()));
    from = end + 1;
  }
  const auto& [status, letters, keywords] = values;
  if ((status != " RO" && status != " O") || letters.find_first_not_of(" AFTD") != std::string_view::npos) return 0;
  add_letters(status, kStatus, marks.flags);
  add_letters(letters, kXStatus, marks.flags);
  for (const auto keyword : words_of(keywords)) marks.keywords.emplace_back(keyword);
  return from;
}

/// The marks that other programs put into the header block of `octets`.
void read_marks(std::string_view octets, FileMarks& marks) {
  while (!octets.empty()) {
    const auto end = std::min(octets.find('\n'), octets.size() - 1) + 1;
    const auto line = octets.substr(0, end);
    if (without_end(line).empty()) return;
    read_field(line, marks);
    octets.remove_prefix(end);
  }
}

}  // namespace

std::string_view to_string(MboxError error) {
  switch (error) {
    case MboxError::kNoMbox:
      return "this is no mbox file: it does not begin with a From line";
    case MboxError::kTooBig:
      return "too large";
  }
  return "unknown mbox error";
}

void MboxReader::feed(std::string_view octets) {
  while (!octets.empty() && !no_mbox_) {
    const auto end = octets.find('\n');
    if (end == std::string_view::npos) {
      pending_.append(octets);
      if (pending_.size() > max_octets_) {  // a line without end
        too_big_ = true;
        pending_.clear();
      }
      return;
    }
    if (pending_.empty()) {
      line(octets.substr(0, end + 1));
    } else {
      pending_.append(octets.substr(0, end + 1));
      line(std::exchange(pending_, {}));
    }
    octets.remove_prefix(end + 1);
  }
}

void MboxReader::line(std::string_view with_end) {
  if (after_empty_ && is_from_line(with_end)) {
    end_message();
    message_.emplace();
    message_->marks.date = date_of(with_end);
    after_empty_ = false;
    return;
  }
  const auto text = without_end(with_end);
  if (!message_) {
    if (text.empty()) return;
    no_mbox_ = true;
    done_.emplace_back(std::unexpected(MboxError::kNoMbox));
    return;
  }
  after_empty_ = text.empty();
  if (too_big_) return;
  const auto quotes = with_end.find_first_not_of('>');
  if (quotes != std::string_view::npos && quotes > 0 && with_end.substr(quotes).starts_with(kFrom))
    with_end.remove_prefix(1);
  if (message_->octets.size() + with_end.size() > max_octets_) {
    too_big_ = true;
    message_->octets = {};
    return;
  }
  message_->octets.append(with_end);
}

void MboxReader::end_message() {
  if (!message_) return;
  auto& octets = message_->octets;
  if (too_big_) {
    done_.emplace_back(std::unexpected(MboxError::kTooBig));
  } else {
    // The empty line before the next "From " line is the file's, not the message's.
    if (octets.ends_with("\n\n"))
      octets.pop_back();
    else if (octets.ends_with("\n\r\n"))
      octets.resize(octets.size() - 2);
    const auto in_front = read_marks_in_front(octets, message_->marks);
    if (in_front == 0) read_marks(octets, message_->marks);
    octets.erase(0, in_front);
    done_.emplace_back(*std::move(message_));
  }
  message_.reset();
  too_big_ = false;
}

void MboxReader::finish() {
  if (!pending_.empty() && !no_mbox_) line(std::exchange(pending_, {}));
  end_message();
}

std::optional<std::expected<MboxMessage, MboxError>> MboxReader::take() {
  if (taken_ == done_.size()) {
    done_.clear();
    taken_ = 0;
    return std::nullopt;
  }
  return std::move(done_[taken_++]);
}

void append_to_mbox(std::string& out, std::string_view octets, const FileMarks& marks) {
  const auto date = std::chrono::floor<std::chrono::seconds>(marks.date.value_or(SystemTime()));
  const auto day = std::chrono::floor<std::chrono::days>(date);
  const std::chrono::year_month_day ymd(day);
  const std::chrono::hh_mm_ss time(date - day);
  static constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  out += fmt::format("From MAILER-DAEMON {} {} {:2} {:02}:{:02}:{:02} {:04}\n",
                     kDays[std::chrono::weekday(day).c_encoding()], kMonths[unsigned{ymd.month()} - 1],
                     unsigned{ymd.day()}, time.hours().count(), time.minutes().count(), time.seconds().count(),
                     int{ymd.year()});
  const auto flags = marks.flags;
  const auto [status, x_status, x_keywords] = kMarksInFront;
  out.append(status).append(flags.has(Flag::kSeen) ? " RO\n" : " O\n");
  out.append(x_status).append(" ");
  for (const auto& [letter, flag] : kXStatus)
    if (flags.has(flag)) out.push_back(letter);
  out.append("\n").append(x_keywords);
  for (const auto& keyword : marks.keywords) out.append(" ").append(keyword);
  out.append("\n");
  while (!octets.empty()) {
    const auto end = std::min(octets.find('\n'), octets.size() - 1) + 1;
    const auto line = without_end(octets.substr(0, end));
    const auto quotes = std::min(line.find_first_not_of('>'), line.size());
    if (line.substr(quotes).starts_with(kFrom)) out.push_back('>');
    out.append(line).append("\n");
    octets.remove_prefix(end);
  }
  out.append("\n");
}

}  // namespace veredus::work::transfer
