#include "doors/imap/taken_messages.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "io/net/worker_pool_run.h"

namespace veredus::doors::imap {

using state::mailbox::NewMessage;
using state::mailbox::Upload;

namespace {

constexpr std::size_t kBatchOctets = std::size_t{64} * 1024;  // worth waking a thread for

}  // namespace

bool TakenMessages::Batch::is_full() const { return unparsed_octets >= kBatchOctets; }

void TakenMessages::Batch::parse() {
  if (begun.exchange(true)) return;
  for (const auto index : unparsed) Upload::parse(messages[index]);
  parsed.count_down();
}

/// Waits for others as long as the parsing of a batch takes, at most.
void TakenMessages::finish(const std::vector<std::shared_ptr<Batch>>& batches) {
  for (const auto& batch : batches) batch->parse();
  for (const auto& batch : batches) batch->parsed.wait();
}

void TakenMessages::add(NewMessage message, bool is_parsed) {
  if (batches_.empty() || batches_.back()->is_full()) batches_.push_back(std::make_shared<Batch>());
  auto& batch = batches_.back();
  ++size_;
  octets_ += message.octets.size();
  if (!is_parsed) {
    batch->unparsed.push_back(batch->messages.size());
    batch->unparsed_octets += message.octets.size();
  }
  batch->messages.push_back(std::move(message));
  if (batch->is_full()) (void)pool_->post([batch] { batch->parse(); });  // or it is done in the end
}

std::vector<EmailId> TakenMessages::staged() const {
  std::vector<EmailId> staged;
  for (const auto& batch : batches_)
    for (const auto& message : batch->messages)
      if (message.staged) staged.push_back(message.staged->email);
  return staged;
}

asio::awaitable<std::vector<NewMessage>> TakenMessages::take() {
  const auto batches = std::exchange(batches_, {});
  const bool has_pool_some = !batches.empty() && batches.front()->is_full();
  size_ = octets_ = 0;
  const auto job = [batches] { finish(batches); };
  if (has_pool_some) (void)co_await pool_->run(job);
  finish(batches);  // little, or what the pool did not take
  std::vector<NewMessage> all;
  for (const auto& batch : batches) std::ranges::move(batch->messages, std::back_inserter(all));
  co_return all;
}

}  // namespace veredus::doors::imap
