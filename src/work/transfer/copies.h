#pragma once

#include <cstdint>
#include <expected>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/mailbox/quota.h"
#include "work/shelf/job_shelf.h"
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

/// A copy that runs, or has run, for somebody who looks now and then.
struct CopyView {
  std::string id;
  std::string account;  // its address
  std::string source;   // "user at host"
  SystemTime begun{};
  shelf::JobState state = shelf::JobState::kRunning;
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
  Copies(io::net::Reactors* reactors, io::dns::Resolver* resolver, state::mailbox::Mailboxes* mailboxes,
         const Clock* clock, base::observe::Logger* log);
  Copies(const Copies&) = delete;
  Copies& operator=(const Copies&) = delete;

  /// Begins one; answers its id.
  std::expected<std::string, CopyError> begin(CopyOrder order);
  [[nodiscard]] std::optional<CopyView> find(std::string_view id) const;
  /// The latest first, without their complaints.
  [[nodiscard]] std::vector<CopyView> list() const;
  /// False: there is none of this id that runs. It ends at its next chance; what is copied stays.
  bool stop(std::string_view id);

 private:
  using Shared = shelf::JobShelf<CopyView>::Shared;
  std::expected<Shared, CopyError> open(const CopyOrder& order);
  asio::awaitable<void> run(Shared job, CopyOrder order, io::net::Reactor* reactor);

  io::net::Reactors* reactors_;
  io::dns::Resolver* resolver_;
  state::mailbox::Mailboxes* mailboxes_;
  const Clock* clock_;
  base::observe::Logger* log_;
  std::mutex opening_;
  shelf::JobShelf<CopyView> jobs_{{.running = 8}};
};

}  // namespace veredus::work::transfer
