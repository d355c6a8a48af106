#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/ids.h"
#include "state/search/index_answer.h"
#include "state/search/program.h"
#include "state/search/trigrams.h"

/// The index of one account: which emails have which trigrams. Xapian keeps it. Everything here may wait for the disk.
/// Layout: docs/formats/search-index.md. It can always be made again, so whatever looks wrong is dropped.
namespace veredus::state::search {

enum class IndexError : std::uint8_t {
  kMissing,       // there is none
  kOtherVersion,  // made by another version of this program, or of Unicode
  kDamaged,       // Xapian cannot read it
  kFull,          // it cannot be written: disk full, I/O error, locked
};
[[nodiscard]] std::string_view to_string(IndexError error);

/// What an index must have been made by to be used.
[[nodiscard]] std::string index_version();

/// One thread at a time.
class IndexReader {
 public:
  static std::expected<std::unique_ptr<IndexReader>, IndexError> open(const std::filesystem::path& folder);
  ~IndexReader();
  IndexReader(const IndexReader&) = delete;
  IndexReader& operator=(const IndexReader&) = delete;

  /// Sees what was committed since.
  std::expected<void, IndexError> refresh();
  [[nodiscard]] const std::shared_ptr<const IndexedEmails>& emails() const;
  [[nodiscard]] std::expected<IndexAnswer, IndexError> ask(const Program& program) const;

 private:
  struct Parts;
  explicit IndexReader(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// One thread at a time, one writer for an index at a time.
class IndexWriter {
 public:
  /// Makes it when there is none, and anew when it is damaged or of another version.
  static std::expected<std::unique_ptr<IndexWriter>, IndexError> open(const std::filesystem::path& folder);
  ~IndexWriter();
  IndexWriter(const IndexWriter&) = delete;
  IndexWriter& operator=(const IndexWriter&) = delete;

  /// All emails that came up to here are in it; nullopt: nobody knows which are.
  [[nodiscard]] std::optional<ModSeq> position() const;
  /// Emails it holds that are no more.
  [[nodiscard]] std::uint64_t destroyed() const;
  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] bool contains(EmailId email) const;

  std::expected<void, IndexError> add(EmailId email, const MessageTrigrams& trigrams);
  /// What was added can be read from now on. Synced.
  std::expected<void, IndexError> commit(std::optional<ModSeq> position, std::uint64_t destroyed);

 private:
  struct Parts;
  explicit IndexWriter(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace veredus::state::search
