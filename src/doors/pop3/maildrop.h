#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/types/ids.h"
#include "state/mailbox/message.h"
#include "state/mailbox/uid_set.h"

namespace veredus::doors::pop3 {

/// INBOX as it was at login: what is in it, in the order of UIDs, and what is marked for deletion. Message numbers are
/// 1.. and never change meaning in a session (RFC 1939 s5).
class Maildrop {
 public:
  struct Entry {
    state::mailbox::StoredBody body;
    std::uint64_t octets = 0;         // as this session is sent them
    std::uint32_t header_octets = 0;  // of the stored header that is sent as its surrogate; 0: all is sent as it is
    Uid uid;
    enum class Mark : std::uint8_t { kNone, kDeleted, kGone } mark = Mark::kNone;  // gone: removed by somebody else
  };

  Maildrop() = default;
  Maildrop(AccountId account, UidValidity uid_validity, ModSeq seen)
      : account_(account), uid_validity_(uid_validity), seen_(seen) {}

  /// In ascending order of UIDs.
  void add(const state::mailbox::Message& message);
  /// The last one added gets a header of `surrogate_octets` in place of its own (RFC 6858).
  void rewrite_last(std::uint32_t header_octets, std::uint64_t surrogate_octets);
  /// Takes note of messages that others removed.
  void remove(const state::mailbox::UidSet& uids, ModSeq seen);

  /// nullptr: no such message, or one that is deleted.
  [[nodiscard]] const Entry* find(std::uint32_t number) const;
  /// False: no such message.
  bool mark_deleted(std::uint32_t number);
  void unmark_all();
  [[nodiscard]] state::mailbox::UidSet deleted() const;

  [[nodiscard]] AccountId account() const { return account_; }
  [[nodiscard]] ModSeq seen() const { return seen_; }
  /// The greatest message number; 0: there was none.
  [[nodiscard]] std::uint32_t last() const { return static_cast<std::uint32_t>(entries_.size()); }
  /// Of those neither deleted nor gone.
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  /// The same for ever, and no other message of this account ever has it: RFC 1939 s7 UIDL.
  [[nodiscard]] std::string unique_id(const Entry& entry) const;

  /// Scan listings, one line for each message, without the dot at the end.
  [[nodiscard]] std::string size_lines() const;
  [[nodiscard]] std::string unique_id_lines() const;

 private:
  AccountId account_;
  UidValidity uid_validity_;
  ModSeq seen_;  // the account's changes up to here are known
  std::vector<Entry> entries_;
  std::uint32_t count_ = 0;
  std::uint64_t octets_ = 0;
};

}  // namespace veredus::doors::pop3
