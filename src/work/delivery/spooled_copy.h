#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/new_message.h"
#include "state/spool/spooled_message.h"
#include "wire/mime/structure.h"
#include "work/delivery/queue_id.h"

namespace veredus::base::observe {
class EventSink;
}
namespace veredus::state::directory {
class Directory;
}
namespace veredus::state::mailbox {
class Mailboxes;
}
namespace veredus::state::spool {
class Spool;
}

namespace veredus::work::delivery {

struct SpooledContent;

/// Copies one message from the spool into every account it is for, then erases it there. Interrupted anywhere and done
/// again, it ends the same: an account that has the message says so and gets no second one.
class SpooledCopy {
 public:
  struct Parts {
    const Clock& clock;
    state::directory::Directory& directory;
    state::mailbox::Mailboxes& mailboxes;
    state::spool::Spool& spool;
    base::observe::EventSink& journal;
  };
  template <class T>
  using Result = asio::awaitable<std::expected<T, state::mailbox::MailboxError>>;

  /// `message` and `content` may be null: they are read from the spool then.
  SpooledCopy(Parts parts, QueueId id, std::shared_ptr<const state::spool::SpooledMessage> message,
              std::shared_ptr<const SpooledContent> content);
  ~SpooledCopy();

  /// Errors: the first account's that could not take it now; the others have it.
  Result<void> deliver();

 private:
  Result<bool> read();
  Result<void> deliver_to(state::spool::SpooledTarget target);
  Result<state::mailbox::Appended> append(state::spool::SpooledTarget target);
  Result<state::mailbox::StagedBody> stage(AccountId account);

  Parts parts_;
  QueueId id_;
  std::shared_ptr<const state::spool::SpooledMessage> message_;
  std::shared_ptr<const SpooledContent> content_;  // the octets only of a message of one chunk
};

}  // namespace veredus::work::delivery
