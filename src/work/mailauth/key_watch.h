#pragma once

#include <chrono>
#include <expected>
#include <mutex>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "state/directory/directory_error.h"
#include "state/directory/signing_key.h"
#include "work/mailauth/published_key.h"

namespace veredus::base::observe {
class Logger;
}
namespace veredus::io::dns {
class Resolver;
}
namespace veredus::state::directory {
class Directory;
}

namespace veredus::work::mailauth {

/// Leads signing keys through their lives: a pending one signs as soon as DNS has it, and the one before it retires; a
/// retiring one is gone when no mail it signed can still be under way; a gone one is forgotten some time later. What it
/// works with outlives it.
class KeyWatch {
 public:
  struct Options {
    std::chrono::seconds check_every{10 * 60};
    std::chrono::seconds overlap{std::chrono::days(7)};  // a message waits five days in queues, here and elsewhere
    std::chrono::seconds remember_gone{std::chrono::days(30)};
  };
  struct Parts {
    const Clock& clock;
    state::directory::Directory& directory;
    io::dns::Resolver& resolver;
    base::observe::Logger& log;
  };
  KeyWatch(Parts parts, Options options) : parts_(parts), options_(options) {}

  [[nodiscard]] Options options() const;
  /// For looks that begin from now on. Any thread.
  void change(Options options);

  /// A key as it is after the look, and what DNS has of it.
  struct Seen {
    state::directory::SigningKey key;
    PublishedKey published;
  };
  /// Looks after one domain's keys at once. Errors: kNoSuchDomain, and the store's.
  asio::awaitable<std::expected<std::vector<Seen>, state::directory::DirectoryError>> look_after(std::string domain);

  /// Looks after all domains now and then, until it is cancelled.
  asio::awaitable<void> run();

 private:
  asio::awaitable<std::expected<void, state::directory::DirectoryError>> age(std::string domain,
                                                                             state::directory::SigningKey key);
  asio::awaitable<std::expected<void, state::directory::DirectoryError>> activate(std::string domain,
                                                                                  std::string selector);
  asio::awaitable<void> look_after_all();

  Parts parts_;
  mutable std::mutex mutex_;
  Options options_;  // by mutex_
};

}  // namespace veredus::work::mailauth
