#pragma once

#include <span>
#include <utility>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/email.h"
#include "state/mailbox/message.h"
#include "state/mailbox/turn.h"

namespace veredus::state::mailbox {

/// Where the emails of some messages of a mailbox stand, as an operation on them finds it and leaves it.
class EmailLocations {
 public:
  EmailLocations() = default;
  /// Of `messages`, which are in `mailbox`.
  EmailLocations(MailboxId mailbox, const std::vector<Message>& messages);
  /// `turn` outlives the call.
  AsyncOutcome<void> read(Turn* turn);
  /// Whether each of `messages` stands where it was found.
  [[nodiscard]] bool hold(MailboxId mailbox, const std::vector<Message>& messages) const;

  /// Of one of them; what is done to it is written by `write`.
  [[nodiscard]] std::vector<Location>& of(EmailId email);
  /// All of them, as they are now.
  void write(Turn& turn) const;

 private:
  using Entry = std::pair<EmailId, std::vector<Location>>;

  using Stretch = std::span<Entry>;

  static asio::awaitable<void> read_part(Turn* turn, Stretch stretch, Outcome<void>* all);
  static AsyncOutcome<void> read(Turn* turn, Stretch stretch);
  static AsyncOutcome<Stretch> scan(Turn* turn, Stretch stretch);
  static AsyncOutcome<void> fetch(Turn* turn, Stretch stretch);

  std::vector<Entry> entries_;  // by email
};

/// Where an email stands, its row having been fetched in this turn. `here` is a place it is known to be in.
[[nodiscard]] Outcome<std::vector<Location>> locations_of(const Turn& turn, EmailId email, Location here);

}  // namespace veredus::state::mailbox
