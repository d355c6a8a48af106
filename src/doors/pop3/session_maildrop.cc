#include <fmt/compile.h>
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "doors/pop3/session.h"

namespace veredus::doors::pop3 {

Step Session::maildrop_opened(std::expected<Maildrop, OpenRefusal> maildrop) {
  if (maildrop) {
    maildrop_ = *std::move(maildrop);
    return ok(fmt::format("{} messages, {} octets", maildrop_->count(), maildrop_->octets()));
  }
  login_.reset();
  switch (maildrop.error()) {  // RFC 2449 s8.1, RFC 3206 s3
    case OpenRefusal::kInUse:
      return object("[IN-USE] Another session has the mailbox open");
    case OpenRefusal::kLoginDelay:
      return object("[LOGIN-DELAY] Logged in too short a time ago");
    case OpenRefusal::kTemporary:
      return object("[SYS/TEMP] The mailbox cannot be opened now");
    case OpenRefusal::kPermanent:
      return object("[SYS/PERM] The mailbox cannot be opened");
  }
  return object("[SYS/TEMP] The mailbox cannot be opened");
}

Step Session::no_such_message() { return object("No such message"); }

Step Session::stat() { return idle_answer(fmt::format("{} {}", maildrop_->count(), maildrop_->octets())); }

Step Session::list(const Command& command) {
  if (command.message) {
    const auto* entry = maildrop_->find(*command.message);
    if (entry == nullptr) return no_such_message();
    return idle_answer(fmt::format("{} {}", *command.message, entry->octets));
  }
  auto step = idle_answer(fmt::format("{} messages ({} octets)", maildrop_->count(), maildrop_->octets()));
  if (std::holds_alternative<ReadLine>(step)) replies_.append(maildrop_->size_lines()).append(".\r\n");
  return step;
}

Step Session::unique_ids(const Command& command) {
  if (command.message) {
    const auto* entry = maildrop_->find(*command.message);
    if (entry == nullptr) return no_such_message();
    return idle_answer(fmt::format("{} {}", *command.message, maildrop_->unique_id(*entry)));
  }
  auto step = idle_answer("Unique ids follow");
  if (std::holds_alternative<ReadLine>(step)) replies_.append(maildrop_->unique_id_lines()).append(".\r\n");
  return step;
}

Step Session::retrieve(const Command& command) {
  if (maildrop_->find(*command.message) == nullptr) return no_such_message();
  wanted_ = Command{.verb = command.verb, .message = command.message, .lines = command.lines};
  return LookForRemovals{};
}

Step Session::removals_seen(const state::mailbox::UidSet& uids, ModSeq seen) {
  if (!uids.empty() || seen != maildrop_->seen()) maildrop_->remove(uids, seen);
  return send_wanted();
}

Step Session::send_wanted() {
  const auto wanted = std::exchange(wanted_, std::nullopt);
  const auto* entry = maildrop_->find(*wanted->message);
  if (entry == nullptr) return object("Message is gone");
  SendMessage step{.number = *wanted->message,
                   .body = entry->body,
                   .header_octets = entry->header_octets,
                   .body_lines = std::nullopt,
                   .first_line = {}};
  if (wanted->verb == Verb::kTop) {
    step.body_lines = wanted->lines;
    step.first_line = "+OK Top of message follows\r\n";
  } else {
    fmt::format_to(std::back_inserter(step.first_line), FMT_COMPILE("+OK {} octets\r\n"), entry->octets);
  }
  return step;
}

Step Session::message_sent(std::optional<SendFailure> failure) {
  if (!failure) {
    idle_commands_ = 0;
    return next();
  }
  switch (*failure) {
    case SendFailure::kGone:
      return object("Message is gone");
    case SendFailure::kTemporary:
      return object("[SYS/TEMP] Message cannot be read now");
    case SendFailure::kPermanent:
      return object("[SYS/PERM] Message cannot be read");
  }
  return object("Message cannot be read");
}

Step Session::remove(const Command& command) {
  if (!maildrop_->mark_deleted(*command.message)) return no_such_message();
  return ok(fmt::format("Message {} deleted", *command.message));
}

Step Session::reset() {
  maildrop_->unmark_all();
  return idle_answer(fmt::format("{} messages, {} octets", maildrop_->count(), maildrop_->octets()));
}

}  // namespace veredus::doors::pop3
