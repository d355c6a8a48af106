#include "state/search/stored_pass.h"

#include <algorithm>
#include <utility>

#include "base/types/result.h"

namespace veredus::state::search {

using mailbox::Again;

namespace {

constexpr std::size_t kSliceMessages = 512;
constexpr std::size_t kSliceOctets = 2 * 1024 * 1024;

}  // namespace

StoredPass::StoredPass(const Scene& scene, Rows messages) : scene_(scene), messages_(std::move(messages)) {}

asio::awaitable<std::expected<bool, SearchError>> StoredPass::next() {
  const std::size_t begin = next_;
  const std::size_t end = next_ = std::min(begin + kSliceMessages, messages_.size());
  for (std::size_t at = begin; at < end;) {
    const auto turn = co_await scene_.turn();
    if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
    std::vector<EmailId> ids;
    ids.reserve(end - at);
    for (std::size_t i = at; i < end; ++i) ids.push_back(messages_[i]->body.email);
    const auto show = [this, at](std::size_t place, const mailbox::EmailView& email) {
      if (!scene_.stopped()) see(at + place, email);
    };
    auto& mailboxes = *scene_.mailboxes;
    const auto seen = co_await mailboxes.view_emails(scene_.account, ids, kSliceOctets, Again::kMaybe, show);
    if (!seen) co_return std::unexpected(from_mailbox(seen.error()));
    if (scene_.stopped()) co_return std::unexpected(SearchError::kStopped);
    if (*seen == 0) co_return std::unexpected(SearchError::kUnavailable);
    VEREDUS_CO_TRY(this->seen(at, at + *seen));
    at += *seen;
  }
  co_return end > begin;
}

void sort_for_reading(Rows& messages) {
  const auto by_email = [](const mailbox::Message* message) { return message->body.email; };
  if (!std::ranges::is_sorted(messages, {}, by_email)) std::ranges::sort(messages, {}, by_email);
}

}  // namespace veredus::state::search
