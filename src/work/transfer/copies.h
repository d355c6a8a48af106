#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/mailbox/quota.h"
#include "work/transfer/copy_progress.h"
#include "work/transfer/source.h"

namespace veredus::io::dns {
class Resolver;
}
namespace veredus::io::net {
class Reactor;
class Reactors;
}  // namespace veredus::io::net
namespace veredus::state::mailbox {
class Mailboxes;
}
namespace veredus::base::observe {
class Logger;
}

namespace veredus::work::transfer {

enum class CopyState : std::uint8_t { kRunning, kDone, kFailed };
[[nodiscard]] std::string_view to_string(CopyState state);

/// A copy that runs, or has run, for somebody who looks now and then.
struct CopyView {
  std::string id;
  std::string account;  // its address
  std::string source;   // "user at host"
  SystemTime begun{};
  CopyState state = CopyState::kRunning;
  std::string failure;  // of kFailed, for people
  CopyProgress progress;
};

enum class CopyError : std::uint8_t {
  kTooMany,         // as many run as may
  kAlreadyRunning,  // one into this account
};
[[nodiscard]] std::string_view to_string(CopyError error);

/// What is copied into which account.
struct CopyOrder {
  AccountId account;
  std::string address;
  state::mailbox::QuotaLimits limits;
  Source source;
  enum class Verify : std::uint8_t { kCertificate, kNothing } verify = Verify::kCertificate;
};

/// Copies of accounts from other servers: run on the server's reactors, some at a time. Thread-safe; all that it is
/// given outlives it, and it outlives the reactors' tasks.
class Copies {
 public:
  struct Limits {
    std::size_t running = 8;
    std::size_t kept = 100;  // the oldest finished ones go
  };

  Copies(io::net::Reactors* reactors, io::dns::Resolver* resolver, state::mailbox::Mailboxes* mailboxes,
         const Clock* clock, base::observe::Logger* log);
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;
  ~Copies();

  /// Begins one; answers its id.
  std::expected<std::string, CopyError> begin(CopyOrder order);
  [[nodiscard]] std::optional<CopyView> find(std::string_view id) const;
  /// The latest first, without their complaints.
  [[nodiscard]] std::vector<CopyView> list() const;
  /// False: there is none of this id that runs. It ends at its next chance; what is copied stays.
  bool stop(std::string_view id);

 private:
  struct Job;
  using Shared = std::shared_ptr<Job>;
  std::expected<Shared, CopyError> open(const CopyOrder& order);
  asio::awaitable<void> run(Shared job, CopyOrder order, io::net::Reactor* reactor);

  io::net::Reactors* reactors_;
  io::dns::Resolver* resolver_;
  state::mailbox::Mailboxes* mailboxes_;
  const Clock* clock_;
  base::observe::Logger* log_;
  Limits limits_;
  mutable std::mutex mutex_;
  std::deque<Shared> jobs_;  // the oldest first
};

}  // namespace veredus::work::transfer
