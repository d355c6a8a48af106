#include "work/transfer/maildir.h"

#include <algorithm>
#include <utility>

#include "base/codec/utf7.h"
#include "state/mailbox/mailbox_name.h"

namespace veredus::work::transfer {
namespace {

using state::mailbox::Flag;

constexpr std::size_t kLetters = 26;
constexpr std::string_view kForwarded = "$Forwarded";

}  // namespace

FileMarks maildir_marks(std::string_view file_name, const std::vector<std::string>& keywords) {
  FileMarks marks;
  const auto info = file_name.find_last_of(":;");
  if (info == std::string_view::npos || !file_name.substr(info + 1).starts_with("2,")) return marks;
  for (const char letter : file_name.substr(info + 3)) {
    if (letter == 'S') marks.flags = marks.flags.with({Flag::kSeen});
    if (letter == 'R') marks.flags = marks.flags.with({Flag::kAnswered});
    if (letter == 'F') marks.flags = marks.flags.with({Flag::kFlagged});
    if (letter == 'T') marks.flags = marks.flags.with({Flag::kDeleted});
    if (letter == 'D') marks.flags = marks.flags.with({Flag::kDraft});
    if (letter == 'P') marks.keywords.emplace_back(kForwarded);
    const auto index = static_cast<std::size_t>(letter - 'a');
    if (letter >= 'a' && index < keywords.size() && !keywords[index].empty()) marks.keywords.push_back(keywords[index]);
  }
  return marks;
}

MaildirInfo maildir_info(const FileMarks& marks, std::vector<std::string>& keywords) {
  std::string info = ":2,";  // letters in the order of ASCII
  std::vector<std::string> unlettered;
  if (marks.flags.has(Flag::kDraft)) info += 'D';
  if (marks.flags.has(Flag::kFlagged)) info += 'F';
  if (std::ranges::count(marks.keywords, kForwarded) != 0) info += 'P';
  if (marks.flags.has(Flag::kAnswered)) info += 'R';
  if (marks.flags.has(Flag::kSeen)) info += 'S';
  if (marks.flags.has(Flag::kDeleted)) info += 'T';
  std::string letters;
  for (const auto& keyword : marks.keywords) {
    if (keyword == kForwarded) continue;
    auto known = std::ranges::find(keywords, keyword);
    if (known == keywords.end() && keywords.size() < kLetters) known = keywords.insert(keywords.end(), keyword);
    if (known != keywords.end())
      letters += static_cast<char>('a' + (known - keywords.begin()));
    else
      unlettered.push_back(keyword);
  }
  std::ranges::sort(letters);
  return {info + letters, std::move(unlettered)};
}

std::string maildir_message(std::string_view file_name) {
  return std::string(file_name.substr(0, file_name.find_last_of(":;")));
}

std::map<std::string, std::vector<std::string>> parse_message_keywords(std::string_view file) {
  std::map<std::string, std::vector<std::string>> messages;
  while (!file.empty()) {
    auto line = file.substr(0, file.find('\n'));
    file.remove_prefix(std::min(line.size() + 1, file.size()));
    auto blank = line.find(' ');
    if (blank == std::string_view::npos) continue;
    auto& keywords = messages[std::string(line.substr(0, blank))];
    keywords.clear();
    while (blank != std::string_view::npos) {
      line.remove_prefix(blank + 1);
      blank = line.find(' ');
      if (blank != 0 && !line.empty()) keywords.emplace_back(line.substr(0, blank));
    }
  }
  return messages;
}

std::string format_message_keywords(std::string_view message, const std::vector<std::string>& keywords) {
  auto line = "\n" + std::string(message);
  for (const auto& keyword : keywords) line.append(" ").append(keyword);
  return line;
}

std::vector<std::string> parse_maildir_keywords(std::string_view file) {
  std::vector<std::string> keywords;
  while (!file.empty()) {
    const auto end = std::min(file.find('\n'), file.size());
    const auto line = file.substr(0, end);
    file.remove_prefix(std::min(end + 1, file.size()));
    const auto blank = line.find(' ');
    if (blank == std::string_view::npos || blank == 0 || blank > 2) continue;
    std::size_t index = 0;
    for (const char digit : line.substr(0, blank))
      index = digit >= '0' && digit <= '9' ? index * 10 + static_cast<std::size_t>(digit - '0') : kLetters;
    if (index >= kLetters) continue;
    if (keywords.size() <= index) keywords.resize(index + 1);
    keywords[index] = line.substr(blank + 1);
  }
  return keywords;
}

std::string format_maildir_keywords(const std::vector<std::string>& keywords) {
  std::string file;
  for (std::size_t i = 0; i < keywords.size(); ++i)
    file.append(std::to_string(i)).append(" ").append(keywords[i]).append("\n");
  return file;
}

std::optional<std::string> maildir_mailbox(std::string_view directory) {
  if (directory.size() < 2 || directory.front() != '.' || directory == "..") return std::nullopt;
  std::string name(directory.substr(1));
  std::ranges::replace(name, '.', state::mailbox::kHierarchySeparator);
  return base::codec::from_modified_utf7(name).value_or(name);
}

std::string maildir_directory(std::string_view mailbox) {
  if (mailbox == state::mailbox::kInboxName) return {};
  std::string name(mailbox);
  std::ranges::replace(name, '.', '_');  // it would be a level
  std::ranges::replace(name, state::mailbox::kHierarchySeparator, '.');
  return "." + base::codec::to_modified_utf7(name).value_or("_");  // a mailbox's name is UTF-8
}

}  // namespace veredus::work::transfer
