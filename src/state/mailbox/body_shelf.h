#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "base/types/ids.h"

namespace veredus::state::mailbox {

/// The first chunks of the messages that came last to accounts whose mail is read: what has just come is what is read
/// next, and the store, which writes bodies past the page cache, would read it back from the disk. Those that came
/// first leave first. What comes to an account that nobody reads is not kept: memory that is held so long costs each
/// delivery a tenth of its CPU. Thread-safe.
class BodyShelf {
 public:
  using Octets = std::shared_ptr<const std::string>;
  struct Options {
    std::size_t octets = 16 * 1024 * 1024;  // in all
    std::size_t body_octets = 64 * 1024;    // longer ones are not kept
    std::size_t readers = 10'000;           // accounts that are remembered as read
  };
  explicit BodyShelf(Options options) : options_(options) {}

  /// The account is one that is read from now on.
  void note_reader(AccountId account);
  /// In place of what was there under that id. Kept if the account is one that is read.
  void put(AccountId account, EmailId email, std::string octets);
  /// Null: not here. Notes the reader.
  [[nodiscard]] Octets find(AccountId account, EmailId email);
  /// All of an account: where something of it is removed for good.
  void forget(AccountId account);

 private:
  struct Place {
    AccountId account;
    EmailId email;
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct PlaceHash {
    std::size_t operator()(const Place& place) const noexcept {
      return static_cast<std::size_t>((place.account.value * 31 + place.email.value) * 0x9E3779B97F4A7C15ULL);
    }
  };

  void drop(const Place& place);
  void note(AccountId account);

  Options options_;
  std::mutex mutex_;
  std::unordered_map<Place, Octets, PlaceHash> kept_;
  std::deque<Place> order_;  // by age; some have gone
  std::size_t octets_ = 0;
  std::unordered_set<std::uint64_t> readers_;
};

}  // namespace veredus::state::mailbox
