#include <xapian.h>

#include <algorithm>
#include <charconv>
#include <unordered_set>
#include <utility>

#include "base/types/bytes.h"
#include "state/search/index.h"
#include "state/search/index_terms.h"

namespace veredus::state::search {
namespace {

// Termlists would only serve to change documents, which never change.
constexpr int kOpenFlags = Xapian::DB_CREATE_OR_OPEN | Xapian::DB_BACKEND_GLASS | Xapian::DB_NO_TERMLIST;

std::optional<std::uint64_t> number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

void add_terms(Xapian::Document& document, char prefix, const TrigramSet& trigrams) {
  for (const auto trigram : trigrams.sorted()) document.add_boolean_term(term(prefix, trigram));
}

}  // namespace

struct IndexWriter::Parts {
  explicit Parts(const std::filesystem::path& folder) : database(folder.string(), kOpenFlags) {}

  /// False: it is no index of ours, or of another version.
  bool read() {
    const auto version = database.get_metadata(kVersionKey);
    if (version.empty() && database.get_doccount() == 0) {
      database.set_metadata(kVersionKey, index_version());
      return true;
    }
    if (version != index_version()) return false;
    for (auto value = database.valuestream_begin(kEmailSlot); value != database.valuestream_end(kEmailSlot); ++value) {
      const std::string octets = *value;  // a value of its own at every step
      ByteReader reader(octets);
      if (const auto email = reader.take_be<std::uint64_t>()) emails.insert(EmailId(*email));
    }
    return true;
  }

  Xapian::WritableDatabase database;
  std::unordered_set<EmailId> emails;
};

IndexWriter::IndexWriter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

IndexWriter::~IndexWriter() {
  try {
    parts_.reset();  // what was not committed is tried once more by Xapian; it does not matter whether that works
  } catch (const Xapian::Error&) {
    static_cast<void>(parts_.release());
  }
}

std::expected<std::unique_ptr<IndexWriter>, IndexError> IndexWriter::open(const std::filesystem::path& folder) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    try {
      std::filesystem::create_directories(folder.parent_path());
      auto parts = std::make_unique<Parts>(folder);
      if (parts->read()) return std::unique_ptr<IndexWriter>(new IndexWriter(std::move(parts)));
    } catch (const Xapian::DatabaseLockError&) {
      return std::unexpected(IndexError::kFull);
    } catch (const Xapian::Error&) {  // made anew
    } catch (const std::filesystem::filesystem_error&) {
      return std::unexpected(IndexError::kFull);
    }
    std::error_code error;
    std::filesystem::remove_all(folder, error);
    if (error) return std::unexpected(IndexError::kFull);
  }
  return std::unexpected(IndexError::kFull);
}

std::optional<ModSeq> IndexWriter::position() const {
  const auto value = number(parts_->database.get_metadata(kPositionKey));
  if (!value) return std::nullopt;
  return ModSeq(*value);
}

std::uint64_t IndexWriter::destroyed() const {
  return number(parts_->database.get_metadata(kDestroyedKey)).value_or(0);
}

std::size_t IndexWriter::size() const { return parts_->emails.size(); }
bool IndexWriter::contains(EmailId email) const { return parts_->emails.contains(email); }

std::expected<void, IndexError> IndexWriter::add(EmailId email, const MessageTrigrams& trigrams) {
  if (trigrams.headers.too_many() || trigrams.bodies.too_many()) return {};  // it will be scanned each time
  try {
    Xapian::Document document;
    std::string id;
    put_be(id, email.value);
    document.add_value(kEmailSlot, id);
    add_terms(document, kHeaderPrefix, trigrams.headers);
    add_terms(document, kBodyPrefix, trigrams.bodies);
    parts_->database.add_document(document);
    parts_->emails.insert(email);
    return {};
  } catch (const Xapian::Error&) {
    return std::unexpected(IndexError::kFull);
  }
}

std::expected<void, IndexError> IndexWriter::commit(std::optional<ModSeq> position, std::uint64_t destroyed) {
  try {
    if (position) parts_->database.set_metadata(kPositionKey, std::to_string(position->value));
    parts_->database.set_metadata(kDestroyedKey, std::to_string(destroyed));
    parts_->database.commit();
    return {};
  } catch (const Xapian::Error&) {
    return std::unexpected(IndexError::kFull);
  }
}

}  // namespace veredus::state::search
