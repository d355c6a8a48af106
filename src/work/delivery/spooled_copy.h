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
#include "work/delivery/fan_out.h"
#include "work/delivery/queue_entries.h"
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
class QueueShards;
class Spool;
}  // namespace veredus::state::spool

namespace veredus::work::delivery {

class QueueSink;
struct SpooledContent;

/// Copies one message from the spool into every account and every shard of the queue it is for, then erases it there.
/// Interrupted anywhere and done again, it ends the same: an account or a shard that has the message says so and gets
/// no second one.
class SpooledCopy {
 public:
  struct Parts {
    const Clock& clock;
    state::directory::Directory& directory;
    state::mailbox::Mailboxes& mailboxes;
    state::spool::Spool& spool;
    state::spool::QueueShards& shards;
    QueueSink& queue;
    base::observe::EventSink& journal;
    const Reporter& report;  // empty: nobody is told of deliveries
    const Lifetimes& lifetimes;
    std::string hostname;  // in reports
  };
  template <class T>
  using Result = asio::awaitable<std::expected<T, state::mailbox::MailboxError>>;

  /// `message` and `content` may be null: they are read from the spool then.
  SpooledCopy(Parts parts, QueueId id, std::shared_ptr<const state::spool::SpooledMessage> message,
              std::shared_ptr<const SpooledContent> content);
  ~SpooledCopy();

  /// Answers until when the accounts' copies are held (RFC 4865); nullopt: everybody has it. Errors: the first place's
  /// that could not take it now; the others have it.
  Result<std::optional<SystemTime>> deliver();

 private:
  Result<bool> read();
  Result<void> read_content();
  [[nodiscard]] std::optional<SystemTime> held_until() const;
  Result<void> enqueue_remotes(state::spool::SpooledMessage* rest);
  Result<void> enqueue(ShardEntries entries);
  Result<std::string> chunk(std::uint32_t index);
  Result<void> note(state::spool::SpooledMessage rest);
  Result<void> deliver_and_report(state::spool::SpooledTarget target);
  Result<bool> deliver_to(state::spool::SpooledTarget target);
  Result<state::mailbox::Appended> append(state::spool::SpooledTarget target);
  Result<state::mailbox::StagedBody> stage(AccountId account);

  Parts parts_;
  QueueId id_;
  std::shared_ptr<const state::spool::SpooledMessage> message_;
  std::shared_ptr<const SpooledContent> content_;  // the octets only of a message of one chunk
};

}  // namespace veredus::work::delivery
