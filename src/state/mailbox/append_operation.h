#pragma once

#include <string>
#include <vector>

#include "state/mailbox/keyword_table.h"
#include "state/mailbox/new_message.h"
#include "state/mailbox/operation.h"
#include "state/mailbox/quota.h"
#include "state/mailbox/threads.h"

namespace veredus::state::mailbox {

class FreshBodies;

/// Brings messages in, all or none. What can be made of a message before its turn is made in the constructor.
class AppendOperation final : public Operation {
 public:
  AppendOperation(std::vector<NewMessage> messages, QuotaLimits limits);
  AppendOperation(NewMessage message, QuotaLimits limits);

  /// Room for the quota to count as free: of what leaves in the same commit.
  void count_as_free(QuotaUsage room) { room_ = room; }
  /// What is wrong with the messages themselves.
  [[nodiscard]] Outcome<void> check() const;
  void collect(const Turn& turn, std::vector<std::string>& keys) const override;
  Outcome<void> perform(Turn& turn) override;
  bool look_first() override;
  /// Once it is done: puts what it stored there, for those who read it soon.
  void shelve(AccountId account, FreshBodies& shelf);
  [[nodiscard]] std::vector<Appended> take_result();

 private:
  struct Arrival {
    NewMessage message;
    std::string email_row;  // but for what the turn knows
    ThreadHashes threads;
    EmailId tried;  // the id it had in the last turn
    bool already_there = false;
    bool utf8_header = false;
    bool unended = false;
    Appended result;
  };

  [[nodiscard]] Outcome<bool> find_tried(const Turn& turn);
  Outcome<void> check(const Turn& turn, Arrival& arrival, KeywordPlan& keywords) const;
  [[nodiscard]] Outcome<void> check_quota(const Turn& turn) const;
  [[nodiscard]] Outcome<void> find_duplicate(const Turn& turn, Arrival& arrival) const;
  void store(Turn& turn, Arrival& arrival) const;
  static Location place(Turn& turn, const Arrival& arrival, MailboxId mailbox, rows::ChangeKind kind);
  static ThreadId find_thread(const Turn& turn, const Arrival& arrival);
  static void join_thread(Turn& turn, const Arrival& arrival);

  std::vector<Arrival> arrivals_;
  QuotaLimits limits_;
  QuotaUsage room_;
  bool looks_first_ = false;
};

}  // namespace veredus::state::mailbox
