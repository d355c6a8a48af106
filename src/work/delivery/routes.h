#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/secret.h"
#include "base/types/ids.h"
#include "state/directory/routing_model.h"

namespace veredus::state::directory {
class Directory;
}

namespace veredus::work::delivery {

using state::directory::HostPort;
using state::directory::SecretKind;
using state::directory::TlsRule;
using state::directory::TransferProtocol;

/// The route of a queue entry that goes by MX whatever the routes say.
constexpr std::string_view kMxRoute = "mx";

/// Where a message for one domain goes next.
struct NextHop {
  enum class Kind : std::uint8_t { kMx, kHosts };
  struct Login {
    std::string user;
    base::crypto::Secret secret;
    SecretKind kind = SecretKind::kPassword;
  };

  Kind kind = Kind::kMx;
  std::string name;             // of the route; a sending account's is its address; empty for kMx
  std::vector<HostPort> hosts;  // kHosts: in the order to try, no MX look-up
  TlsRule tls = TlsRule::kOpportunistic;
  bool implicit_tls = false;
  TransferProtocol protocol = TransferProtocol::kSmtp;
  std::optional<Login> login;
  bool relay_domain = false;  // kMx: one we are backup for; only hosts of lower preference than ours

  /// Whether connections may be shared with mail of the other one.
  [[nodiscard]] bool same_way(const NextHop& other) const;
};

/// Which way mail takes, by what the directory says now: sending accounts, relay domains and routes. Thread-safe,
/// answers from memory.
class Routes {
 public:
  /// `directory` must outlive this.
  explicit Routes(const state::directory::Directory& directory) : directory_(directory) {}

  /// `domain` in A-labels, lower case; `sender` as text, empty for the null sender; `submitter` 0: nobody logged in;
  /// `route` as the queue entry names it: empty or no longer there: as the routes say, kMxRoute: by MX.
  [[nodiscard]] NextHop next_hop(std::string_view domain, std::string_view sender, AccountId submitter,
                                 std::string_view route) const;

 private:
  const state::directory::Directory& directory_;
};

}  // namespace veredus::work::delivery
