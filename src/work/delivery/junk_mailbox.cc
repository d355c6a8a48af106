#include "work/delivery/junk_mailbox.h"

#include <string>

#include "state/mailbox/mailboxes.h"

namespace veredus::work::delivery {

using state::mailbox::SpecialUse;

namespace {
constexpr std::string_view kName = "Junk";
}

asio::awaitable<MailboxId> junk_mailbox(state::mailbox::Mailboxes* mailboxes, AccountId account) {
  const auto special = co_await mailboxes->special(account, SpecialUse::kJunk);
  if (special) co_return special->id;
  const auto named = co_await mailboxes->find(account, std::string(kName));
  if (named) {
    co_await mailboxes->set_special_use(account, named->id, SpecialUse::kJunk);  // when it fails, the next time
    co_return named->id;
  }
  const auto made = co_await mailboxes->create(account, std::string(kName), SpecialUse::kJunk);
  co_return made ? made->id : state::mailbox::kInbox;
}

}  // namespace veredus::work::delivery
