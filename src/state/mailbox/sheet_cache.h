#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "base/types/ids.h"
#include "state/mailbox/email_sheet.h"

namespace veredus::state::mailbox {

/// The sheets used last, at most about `octets` of them. Thread-safe.
class SheetCache {
 public:
  struct Key {
    AccountId account;
    MailboxId mailbox;
    std::uint32_t number;  // EmailSheet::number_of
    SheetColumn column;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  using Sheet = std::shared_ptr<const EmailSheet>;

  explicit SheetCache(std::size_t octets) : octets_limit_(octets) {}

  /// nullptr: it is not here.
  [[nodiscard]] Sheet get(const Key& key);
  /// Takes the place of what was there. One that would push out most others is not kept.
  void put(const Key& key, Sheet sheet);
  [[nodiscard]] std::size_t octets() const;

 private:
  struct Entry {
    Key key;
    Sheet sheet;
    std::size_t octets;
  };
  void drop(std::map<Key, std::list<Entry>::iterator>::iterator at);

  std::size_t octets_limit_;
  mutable std::mutex mutex_;
  std::list<Entry> by_use_;  // the last used first
  std::map<Key, std::list<Entry>::iterator> by_key_;
  std::size_t octets_ = 0;
};

}  // namespace veredus::state::mailbox
