#include "state/search/stored_pass.h"

#include <algorithm>
#include <utility>

namespace veredus::state::search {
namespace {

constexpr std::size_t kSliceMessages = 512;
constexpr std::size_t kSliceOctets = 2 * 1024 * 1024;

}  // namespace

StoredPass::StoredPass(const Scene& scene, std::vector<mailbox::Message> messages)
    : scene_(scene), messages_(std::move(messages)) {}

asio::awaitable<std::expected<bool, SearchError>> StoredPass::next() {
  const std::size_t begin = next_;
  const std::size_t end = next_ = std::min(begin + kSliceMessages, messages_.size());
  for (std::size_t at = begin; at < end;) {
    if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
    std::vector<EmailId> ids;
    ids.reserve(end - at);
    for (std::size_t i = at; i < end; ++i) ids.push_back(messages_[i].body.email);
    auto stored = co_await scene_.mailboxes->stored_emails(scene_.account, std::move(ids), kSliceOctets);
    if (!stored) co_return std::unexpected(from_mailbox(stored.error()));
    const std::size_t seen = stored->size();
    if (seen == 0) co_return std::unexpected(SearchError::kUnavailable);
    // A job runs to its end even when this coroutine is cancelled, and this coroutine waits for it.
    auto job = [this, at, emails = *std::move(stored)] {
      for (std::size_t i = 0; i < emails.size(); ++i)
        if (emails[i].there()) see(at + i, emails[i].view());
    };
    const auto done = co_await scene_.pool->run(std::move(job));
    if (!done) co_return std::unexpected(SearchError::kBusy);
    at += seen;
  }
  co_return end > begin;
}

void sort_for_reading(std::vector<mailbox::Message>& messages) {
  const auto by_email = [](const mailbox::Message& message) { return message.body.email; };
  if (!std::ranges::is_sorted(messages, {}, by_email)) std::ranges::sort(messages, {}, by_email);
}

}  // namespace veredus::state::search
