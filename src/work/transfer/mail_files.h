#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "work/transfer/mbox.h"

/// Mail in files: what `mailbox import` reads and `mailbox export` writes.
namespace veredus::work::transfer {

enum class FileForm : std::uint8_t { kMbox, kMaildir, kEml };
[[nodiscard]] std::string_view to_string(FileForm form);
[[nodiscard]] std::optional<FileForm> parse_file_form(std::string_view word);
/// What is at `path`: a directory with cur or new is a Maildir, unless .eml or mbox files say that mailboxes are called
/// so; another directory holds .eml files unless there is an mbox file in it or below it; a file is an mbox, but for
/// one called *.eml.
[[nodiscard]] FileForm file_form_of(const std::filesystem::path& path);

struct FileMessage {
  std::string mailbox;  // empty: the one for what stands at the top
  std::string octets;
  FileMarks marks;
};

struct FileReading {
  /// False: stop.
  std::function<bool(FileMessage)> message;
  /// What could not be read, and why; reading goes on.
  std::function<void(std::string)> complaint;
  std::size_t max_message_octets = 100ULL * 1024 * 1024;
};

/// Reads all messages at `path`, mailbox by mailbox. Errors: why nothing can be read there, for people.
std::expected<void, std::string> read_mail_files(const std::filesystem::path& path, FileForm form,
                                                 const FileReading& reading);

/// Whether something begins as a message does: with a header field, or an empty line. RFC 5322 s2.2.
[[nodiscard]] bool looks_like_message(std::string_view octets);

/// Writes one mailbox into a directory: what it writes is a message's whole file or nothing.
class MailboxWriter {
 public:
  /// Keywords that found no letter in a Maildir. They stand in a file of their own, which import reads.
  struct Unlettered {
    std::set<std::string> keywords;
    std::uint64_t messages = 0;  // that have any of them
  };

  /// At the mailbox's place (mailbox_places.h), which is made: a Maildir; an mbox file, written anew; a directory of
  /// .eml files named by UID.
  static std::expected<MailboxWriter, std::string> open(const std::filesystem::path& place, FileForm form,
                                                        std::uint32_t uid_validity);

  /// The last UID that is there already: go on after it.
  [[nodiscard]] std::uint32_t last_uid() const { return last_uid_; }
  std::expected<void, std::string> write(std::uint32_t uid, std::string_view octets, const FileMarks& marks);
  std::expected<void, std::string> finish();
  /// Of the messages written.
  [[nodiscard]] const Unlettered& unlettered() const { return unlettered_; }

 private:
  MailboxWriter(std::filesystem::path place, FileForm form, std::uint32_t uid_validity)
      : form_(form), uid_validity_(uid_validity), place_(std::move(place)) {}
  std::expected<void, std::string> write_to_mbox(std::string_view octets, const FileMarks& marks);
  std::expected<void, std::string> write_eml(const std::string& name, std::string_view octets, const FileMarks& marks);
  std::expected<void, std::string> write_to_maildir(const std::string& name, std::string_view octets,
                                                    const FileMarks& marks);
  void find_last_uid(const std::filesystem::path& directory);

  FileForm form_;
  std::uint32_t uid_validity_;
  std::filesystem::path place_;  // the directory, or the mbox file
  std::vector<std::string> keywords_;
  Unlettered unlettered_;
  std::uint32_t last_uid_ = 0;
};

}  // namespace veredus::work::transfer
