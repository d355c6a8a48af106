#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>

#include "base/types/clock.h"
#include "base/types/ids.h"
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

/// Where mail to one address goes: every account and every address elsewhere it ends in, each once, or why it is
/// refused.
using Verdict = std::expected<Targets, Refusal>;

/// Who asks: it decides whether mail may leave for domains that are not ours.
enum class Asker : std::uint8_t {
  kStranger,       // only to our domains and those we relay for
  kAuthenticated,  // to everybody
};

/// One question to the Router.
struct RouteQuery {
  wire::smtp::Address recipient;
  Asker asker = Asker::kStranger;
  std::uint64_t declared_octets = 0;            // SIZE= of MAIL; 0: not given
  const wire::smtp::Address* sender = nullptr;  // of MAIL, the asker's until the verdict; null: the null reverse-path
  std::optional<AccountId> submitter = std::nullopt;  // who authenticated
  bool approved = false;                              // by a list's moderator
  std::string route = {};                             // which way it must go; empty: as the routes say
};

/// Decides at RCPT where a recipient's mail goes, so that what cannot be delivered is refused then and never bounced
/// later. Never an open relay: without authentication an address elsewhere is reached only by what leads there from an
/// address of ours, by a domain we relay for, or as the signed sender of a message we forwarded (SRS). Thread-safe;
/// answers from memory unless an account has not been opened yet.
class Router {
 public:
  struct Options {
    std::string hostname;            // of this server: postmaster there is the default domain's
    std::size_t max_targets = 6000;  // accounts and addresses one recipient may expand to
  };

  /// All must outlive this.
  Router(state::directory::Directory& directory, state::mailbox::Mailboxes& mailboxes, const Clock& clock,
         Options options)
      : directory_(directory), mailboxes_(mailboxes), clock_(clock), options_(std::move(options)) {}

  asio::awaitable<Verdict> route(RouteQuery query);

 private:
  [[nodiscard]] bool is_own_postmaster(const wire::smtp::Address& recipient) const;
  [[nodiscard]] Verdict route_elsewhere(const RouteQuery& query) const;
  [[nodiscard]] std::optional<ReturnedTo> returned_to(const wire::smtp::Address& recipient) const;
  [[nodiscard]] std::optional<Verdict> unwind(const RouteQuery& query) const;
  asio::awaitable<Verdict> route_address(RouteQuery query);
  asio::awaitable<Verdict> check_quotas(Targets targets, std::uint64_t declared_octets);

  state::directory::Directory& directory_;
  state::mailbox::Mailboxes& mailboxes_;
  const Clock& clock_;
  Options options_;
};

}  // namespace veredus::work::delivery
