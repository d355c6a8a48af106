#include "state/search/body_pass.h"

#include <algorithm>
#include <utility>

#include "wire/mime/structure_parser.h"

namespace veredus::state::search {
namespace {

constexpr std::size_t kBatchMessages = 128;
constexpr std::size_t kBatchOctets = 1024 * 1024;  // of first chunks; one is taken whatever its size

}  // namespace

BodyPass::BodyPass(const Scene& scene, const Program& program, std::vector<OpenBody> open)
    : scene_(scene), program_(program), open_(std::move(open)), verdicts_(open_.size(), Verdict::kNo) {}

std::size_t BodyPass::end_of_batch(std::size_t begin) const {
  std::size_t octets = 0;
  std::size_t end = begin;
  while (end < open_.size() && end - begin < kBatchMessages) {
    octets += open_[end].message->body.first_octets;
    if (end > begin && octets > kBatchOctets) break;
    ++end;
  }
  return end;
}

std::vector<BodyPass::Scan> BodyPass::scan_first(std::size_t begin, const Chunks& chunks) const {
  std::vector<Scan> scans(chunks.size());
  for (std::size_t i = 0; i < chunks.size() && !scene_.stopped(); ++i) {
    const auto& open = open_[begin + i];
    const auto parts = wire::mime::decode_part_table(open.part_table);
    if (!chunks[i] || !parts) continue;
    scans[i] = std::make_unique<BodyScan>(scene_, program_, open.known, *parts);
    scans[i]->feed(0, *chunks[i]);
  }
  return scans;
}

asio::awaitable<std::expected<bool, SearchError>> BodyPass::next() {
  const std::size_t begin = next_;
  const std::size_t end = next_ = end_of_batch(begin);
  if (end == begin) co_return false;
  auto turn = co_await scene_.turn();
  if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
  std::vector<mailbox::StoredBody> bodies;
  for (std::size_t i = begin; i < end; ++i) bodies.push_back(open_[i].message->body);
  auto chunks = co_await scene_.mailboxes->first_chunks(scene_.account, std::move(bodies));
  if (!chunks) co_return std::unexpected(from_mailbox(chunks.error()));
  std::vector<bool> there;
  for (const auto& chunk : *chunks) there.push_back(chunk.has_value());
  auto job = [this, begin, chunks = *std::move(chunks)] { return scan_first(begin, chunks); };
  const auto scans = co_await scene_.pool->run(std::move(job));
  if (!scans) co_return std::unexpected(SearchError::kBusy);
  turn.end();
  for (std::size_t i = begin; i < end; ++i) {
    BodyScan* scan = (*scans)[i - begin].get();
    Outcome outcome;
    if (scan != nullptr)
      outcome = co_await scan_rest(i, scan);
    else if (there[i - begin])
      outcome = co_await scan_unparsed(i);
    if (!outcome) co_return std::unexpected(outcome.error());
  }
  scene_.note_done(end - begin);
  co_return true;
}

/// What is beyond the first chunk.
asio::awaitable<BodyPass::Outcome> BodyPass::scan_rest(std::size_t index, BodyScan* scan) {
  const auto body = open_[index].message->body;
  while (scan->wants() < body.octets) {
    const auto turn = co_await scene_.turn();
    if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
    const std::uint64_t offset = scan->wants();
    auto octets = co_await scene_.mailboxes->read_body(scene_.account, body, offset, mailbox::kChunkOctets);
    if (!octets && octets.error() == mailbox::MailboxError::kNoSuchEmail) co_return Outcome();  // expunged and swept
    if (!octets) co_return std::unexpected(from_mailbox(octets.error()));
    if (octets->empty()) break;
    auto job = [scan, offset, octets = *std::move(octets)] { scan->feed(offset, octets); };
    if (!co_await scene_.pool->run(std::move(job))) co_return std::unexpected(SearchError::kBusy);
  }
  verdicts_[index] = scan->finish();
  co_return Outcome();
}

/// A monstrous message, whose part table was too big to be stored.
asio::awaitable<BodyPass::Outcome> BodyPass::scan_unparsed(std::size_t index) {
  auto& open = open_[index];
  wire::mime::StructureParser parser;
  for (std::uint64_t offset = 0; offset < open.message->body.octets;) {
    const auto turn = co_await scene_.turn();
    if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
    auto octets =
        co_await scene_.mailboxes->read_body(scene_.account, open.message->body, offset, mailbox::kChunkOctets);
    if (!octets && octets.error() == mailbox::MailboxError::kNoSuchEmail) co_return Outcome();
    if (!octets) co_return std::unexpected(from_mailbox(octets.error()));
    if (octets->empty()) break;
    offset += octets->size();
    auto job = [&parser, octets = *std::move(octets)] { parser.feed(octets); };
    if (!co_await scene_.pool->run(std::move(job))) co_return std::unexpected(SearchError::kBusy);
  }
  const auto parts = wire::mime::decode_part_table(wire::mime::encode_part_table(parser.finish()));
  BodyScan scan(scene_, program_, open.known, *parts);
  co_return co_await scan_rest(index, &scan);
}

}  // namespace veredus::state::search
