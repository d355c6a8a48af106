#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>

#include "base/types/hash_together.h"
#include "base/types/ids.h"
#include "base/types/lru.h"
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
    friend bool operator==(const Key&, const Key&) = default;
  };
  using Sheet = std::shared_ptr<const EmailSheet>;

  explicit SheetCache(std::size_t octets) : sheets_(octets, octets / 4) {}

  /// nullptr: it is not here.
  [[nodiscard]] Sheet get(const Key& key);
  /// Takes the place of what was there. One that would push out most others is not kept. `unstored`: the store has not
  /// got it, and should.
  void put(const Key& key, Sheet sheet, bool unstored = false);
  /// nullptr: the store needs nothing of it, or it is not here. It counts as stored then.
  [[nodiscard]] Sheet take_unstored(const Key& key);
  /// It could not be stored after all.
  void put_back(const Key& key);
  [[nodiscard]] std::size_t octets() const;

 private:
  struct KeyHash {
    std::size_t operator()(const Key& key) const noexcept {
      return hash_together(key.account, key.mailbox, key.number, key.column);
    }
  };

  struct Entry {
    Sheet sheet;
    bool unstored;
  };

  mutable std::mutex mutex_;
  Lru<Key, Entry, KeyHash> sheets_;
};

}  // namespace veredus::state::mailbox
