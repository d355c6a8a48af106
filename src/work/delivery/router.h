#pragma once

#include <cstdint>
#include <expected>
#include <vector>

#include "io/net/asio.h"
#include "wire/smtp/address.h"
#include "work/delivery/delivery_error.h"
#include "work/delivery/envelope.h"

namespace veredus::state::directory {
class Directory;
}
namespace veredus::state::mailbox {
class Mailboxes;
}

namespace veredus::work::delivery {

/// Where mail to one address goes: every account it ends in, each once, or why it is refused.
using Verdict = std::expected<std::vector<Target>, Refusal>;

/// Who asks. It decides only how an address elsewhere is refused, as long as nothing is relayed.
enum class Asker : std::uint8_t { kStranger, kAuthenticated };

/// One question to the Router.
struct RouteQuery {
  wire::smtp::Address recipient;
  Asker asker = Asker::kStranger;
  std::uint64_t declared_octets = 0;  // SIZE= of MAIL; 0: not given
};

/// Decides at RCPT where a recipient's mail goes, so that what cannot be delivered is refused then and never bounced
/// later. Thread-safe; answers from memory unless an account has not been opened yet.
class Router {
 public:
  struct Options {
    std::size_t max_targets = 1000;  // accounts one address may expand to
  };

  /// Both must outlive this.
  Router(state::directory::Directory& directory, state::mailbox::Mailboxes& mailboxes, Options options)
      : directory_(directory), mailboxes_(mailboxes), options_(options) {}

  asio::awaitable<Verdict> route(RouteQuery query);

 private:
  asio::awaitable<Verdict> check_quotas(std::vector<Target> targets, std::uint64_t declared_octets);

  state::directory::Directory& directory_;
  state::mailbox::Mailboxes& mailboxes_;
  Options options_;
};

}  // namespace veredus::work::delivery
