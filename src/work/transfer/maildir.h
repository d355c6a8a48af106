#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "work/transfer/mbox.h"

/// Names in a Maildir++: flags in those of files, mailboxes in those of directories.
namespace veredus::work::transfer {

/// The flags in "1234.x:2,FS" (also with ';', as where ':' may not be). Small letters are keywords by `keywords` (the
/// 26 of Dovecot's file); P is $Forwarded.
[[nodiscard]] FileMarks maildir_marks(std::string_view file_name, const std::vector<std::string>& keywords);

/// What follows a file's name, ":2,FS", and the keywords that found no letter in it.
struct MaildirInfo {
  std::string info;
  std::vector<std::string> unlettered;
};
/// `keywords` grows by what it has not, up to 26.
[[nodiscard]] MaildirInfo maildir_info(const FileMarks& marks, std::vector<std::string>& keywords);
/// A file's name without it: what stays when flags change.
[[nodiscard]] std::string maildir_message(std::string_view file_name);

/// Dovecot's file "dovecot-keywords": "0 $Junk" in each line.
[[nodiscard]] std::vector<std::string> parse_maildir_keywords(std::string_view file);
[[nodiscard]] std::string format_maildir_keywords(const std::vector<std::string>& keywords);

/// Our file beside it, for keywords without a letter: "1234.x.host keyword another" in each line; the last one of a
/// message counts.
inline constexpr std::string_view kMessageKeywords = "veredus-keywords";
[[nodiscard]] std::map<std::string, std::vector<std::string>> parse_message_keywords(std::string_view file);
/// A line to append, whatever stands there unfinished.
[[nodiscard]] std::string format_message_keywords(std::string_view message, const std::vector<std::string>& keywords);

/// ".Work.2026" is "Work/2026", in modified UTF-7; what is written otherwise, as it is. nullopt: it is none.
[[nodiscard]] std::optional<std::string> maildir_mailbox(std::string_view directory);
/// The other way round; INBOX is the directory itself: empty.
[[nodiscard]] std::string maildir_directory(std::string_view mailbox);

}  // namespace veredus::work::transfer
