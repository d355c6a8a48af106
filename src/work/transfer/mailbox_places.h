#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "work/transfer/mail_files.h"

namespace veredus::work::transfer {

/// Where mailboxes are written below a directory: the directory of each in a Maildir; NAME.mbox; a directory of .eml
/// files. What would be called like another one, or like a directory of others, gets a digest; so does a name too long
/// for a file. Ask for all mailboxes in the same order each time, that each gets the same place: where names collide, a
/// mailbox that came or went since may change who gets the digest.
class MailboxPlaces {
 public:
  MailboxPlaces(std::filesystem::path directory, FileForm form) : directory_(std::move(directory)), form_(form) {}
  [[nodiscard]] std::filesystem::path place_of(std::string_view mailbox);

 private:
  using Spelling = std::string (*)(std::string_view name);

  std::filesystem::path take(const std::filesystem::path& above, std::string name, Spelling spelling,
                             const std::string& whose);
  bool is_free(const std::filesystem::path& path, const std::string& whose);

  std::filesystem::path directory_;
  FileForm form_;
  std::map<std::filesystem::path, std::string> taken_;  // by what is there: a mailbox, or with a '/' its level
};

}  // namespace veredus::work::transfer
