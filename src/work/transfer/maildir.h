#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "work/transfer/mbox.h"

/// Names in a Maildir++: flags in those of files, mailboxes in those of directories.
namespace veredus::work::transfer {

/// The flags in "1234.x:2,FS" (also with ';', as where ':' may not be). Small letters are keywords by `keywords` (the
/// 26 of Dovecot's file); P is $Forwarded.
[[nodiscard]] FileMarks maildir_marks(std::string_view file_name, const std::vector<std::string>& keywords);

/// ":2,FS": what follows a file's name. `keywords` grows by what it has not, up to 26; those that found no room are
/// added to `left_out`.
[[nodiscard]] std::string maildir_info(const FileMarks& marks, std::vector<std::string>& keywords,
                                       std::set<std::string>& left_out);

/// Dovecot's file "dovecot-keywords": "0 $Junk" in each line.
[[nodiscard]] std::vector<std::string> parse_maildir_keywords(std::string_view file);
[[nodiscard]] std::string format_maildir_keywords(const std::vector<std::string>& keywords);

/// ".Work.2026" is "Work/2026", in modified UTF-7; what is written otherwise, as it is. nullopt: it is none.
[[nodiscard]] std::optional<std::string> maildir_mailbox(std::string_view directory);
/// The other way round; INBOX is the directory itself: empty.
[[nodiscard]] std::string maildir_directory(std::string_view mailbox);

}  // namespace veredus::work::transfer
