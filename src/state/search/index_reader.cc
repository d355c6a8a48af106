#include <unicode/uchar.h>
#include <xapian.h>

#include <algorithm>
#include <utility>

#include "base/types/bytes.h"
#include "state/search/fold.h"
#include "state/search/index.h"
#include "state/search/index_terms.h"

namespace veredus::state::search {
namespace {

using Documents = std::vector<Xapian::docid>;

/// What Xapian throws becomes an error here: nothing of it leaves this file.
template <class Work>
auto guarded(const Work& work) -> std::expected<decltype(work()), IndexError> {
  try {
    return work();
  } catch (const Xapian::DatabaseNotFoundError&) {
    return std::unexpected(IndexError::kMissing);
  } catch (const Xapian::DatabaseOpeningError&) {
    return std::unexpected(IndexError::kMissing);
  } catch (const Xapian::Error&) {
    return std::unexpected(IndexError::kDamaged);
  }
}

/// Those of `documents` that have the term.
Documents narrowed(const Xapian::Database& database, const Documents& documents, const std::string& term) {
  Documents left;
  auto posting = database.postlist_begin(term);
  const auto end = database.postlist_end(term);
  for (const auto document : documents) {
    if (posting == end) break;
    posting.skip_to(document);
    if (posting == end) break;
    if (*posting == document) left.push_back(document);
  }
  return left;
}

/// Documents with all of the trigrams, the rarest looked up first.
Documents with_all(const Xapian::Database& database, char prefix, const std::vector<Trigram>& trigrams) {
  constexpr std::size_t kFewEnough = 8;  // so few are read at once rather than narrowed down further
  std::vector<std::pair<Xapian::doccount, std::string>> by_frequency;
  for (const auto trigram : trigrams) {
    auto name = term(prefix, trigram);
    const auto frequency = database.get_termfreq(name);
    if (frequency == 0) return {};
    by_frequency.emplace_back(frequency, std::move(name));
  }
  std::ranges::sort(by_frequency);
  Documents documents;
  documents.reserve(by_frequency.front().first);
  const auto& rarest = by_frequency.front().second;
  for (auto posting = database.postlist_begin(rarest); posting != database.postlist_end(rarest); ++posting)
    documents.push_back(*posting);
  for (std::size_t i = 1; i < by_frequency.size() && documents.size() > kFewEnough; ++i)
    documents = narrowed(database, documents, by_frequency[i].second);
  return documents;
}

void mark(std::vector<bool>& marks, const Documents& documents) {
  for (const auto document : documents) {
    if (document >= marks.size()) marks.resize(document + 1);
    marks[document] = true;
  }
}

std::optional<IndexAnswer::OfLeaf> ask_leaf(const Xapian::Database& database, const Leaf& leaf) {
  const bool in_headers = std::holds_alternative<HeaderHas>(leaf.is) || std::holds_alternative<TextHas>(leaf.is);
  const bool in_bodies = std::holds_alternative<BodyHas>(leaf.is) || std::holds_alternative<TextHas>(leaf.is);
  if (!in_headers && !in_bodies) return std::nullopt;
  const auto length = code_points(leaf.needle.folded());
  if (length < 3) return std::nullopt;
  TrigramSet trigrams;
  trigrams.feed(leaf.needle.folded());  // folding twice is folding once
  const auto wanted = trigrams.sorted();
  IndexAnswer::OfLeaf said;
  if (in_bodies) mark(said.documents, with_all(database, kBodyPrefix, wanted));
  if (in_headers) mark(said.documents, with_all(database, kHeaderPrefix, wanted));
  said.exact = length == 3 && !std::holds_alternative<HeaderHas>(leaf.is);  // which field it was nobody knows
  return said;
}

}  // namespace

std::string_view to_string(IndexError error) {
  switch (error) {
    case IndexError::kMissing:
      return "there is no index";
    case IndexError::kOtherVersion:
      return "the index is of another version";
    case IndexError::kDamaged:
      return "the index is damaged";
    case IndexError::kFull:
      return "the index cannot be written";
  }
  return "unknown error";
}

std::string index_version() {
  UVersionInfo unicode;
  u_getUnicodeVersion(unicode);
  std::string version = "veredus " + std::to_string(kIndexFormat) + " unicode ";
  for (int i = 0; i < 2; ++i) version += std::to_string(unicode[i]) + (i == 0 ? "." : "");
  return version;
}

struct IndexReader::Parts {
  Xapian::Database database;
  std::shared_ptr<const IndexedEmails> emails = std::make_shared<IndexedEmails>();
  Xapian::docid last = 0;  // in `emails`

  /// Documents are only ever added, so only the new ones are read.
  void read_emails() {
    const auto newest = database.get_lastdocid();
    if (newest == last) return;
    auto grown = std::make_shared<IndexedEmails>(*emails);
    auto value = database.valuestream_begin(kEmailSlot);
    if (last > 0 && value != database.valuestream_end(kEmailSlot)) value.skip_to(last + 1);
    for (; value != database.valuestream_end(kEmailSlot); ++value) {
      const std::string octets = *value;  // a value of its own at every step
      ByteReader reader(octets);
      if (const auto email = reader.take_be<std::uint64_t>()) grown->emplace_back(EmailId(*email), value.get_docid());
    }
    std::ranges::sort(*grown);
    emails = std::move(grown);
    last = newest;
  }
};

IndexReader::IndexReader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
IndexReader::~IndexReader() = default;

std::expected<std::unique_ptr<IndexReader>, IndexError> IndexReader::open(const std::filesystem::path& folder) {
  auto parts = std::make_unique<Parts>();
  const auto version = guarded([&] {
    parts->database = Xapian::Database(folder.string());
    auto made_by = parts->database.get_metadata(kVersionKey);
    if (made_by == index_version()) parts->read_emails();
    return made_by;
  });
  if (!version) return std::unexpected(version.error());
  if (*version != index_version()) return std::unexpected(IndexError::kOtherVersion);
  return std::unique_ptr<IndexReader>(new IndexReader(std::move(parts)));
}

std::expected<void, IndexError> IndexReader::refresh() {
  const auto done = guarded([this] {
    if (parts_->database.reopen()) parts_->read_emails();
    return true;
  });
  if (!done) return std::unexpected(done.error());
  return {};
}

const std::shared_ptr<const IndexedEmails>& IndexReader::emails() const { return parts_->emails; }

std::expected<IndexAnswer, IndexError> IndexReader::ask(const Program& program) const {
  return guarded([&] {
    IndexAnswer answer;
    answer.emails = parts_->emails;
    for (const auto& leaf : program.leaves()) answer.leaves.push_back(ask_leaf(parts_->database, leaf));
    return answer;
  });
}

}  // namespace veredus::state::search
