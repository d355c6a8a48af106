#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>

#include "base/types/body_shelf.h"
#include "base/types/hash_together.h"
#include "base/types/ids.h"

namespace veredus::state::mailbox {

/// The first chunks of the messages that came last to accounts whose mail is read: what has just come is what is read
/// next, and the store, which writes bodies past the page cache, would read it back from the disk. Those that came
/// first leave first. What comes to an account that nobody reads is not kept: it would cost each delivery CPU for
/// nothing (docs/decisions/0026-what-has-just-come-is-at-hand.md). Thread-safe.
class FreshBodies {
 public:
  using Octets = BodyShelf<EmailId>::Octets;
  struct Options {
    std::size_t octets = 16 * 1024 * 1024;  // in all
    std::size_t body_octets = 64 * 1024;    // longer ones are not kept
    std::size_t readers = 10'000;           // accounts that are remembered as read
  };
  explicit FreshBodies(Options options)
      : options_(options), shelf_({.octets = options.octets, .body_octets = options.body_octets}) {}

  /// The account is one that is read from now on.
  void note_reader(AccountId account);
  /// In place of what was there under that id. Kept if the account is one that is read.
  void put(AccountId account, EmailId email, std::string octets);
  /// Null: not here. Notes the reader.
  [[nodiscard]] Octets find(AccountId account, EmailId email);
  /// All of an account: where something of it is removed for good.
  void forget(AccountId account);

 private:
  using Place = std::pair<AccountId, EmailId>;

  [[nodiscard]] bool is_read(AccountId account);

  Options options_;
  BodyShelf<Place, PairHash> shelf_;
  std::mutex mutex_;  // of what follows
  std::unordered_set<AccountId> readers_;
};

}  // namespace veredus::state::mailbox
