#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "io/net/asio.h"
#include "work/acme/certificate.h"
#include "work/acme/options.h"
#include "work/acme/renewal_choice.h"
#include "work/acme/session.h"

namespace veredus::base::observe {
class Logger;
class Metrics;
}  // namespace veredus::base::observe

namespace veredus::work::acme {

/// Makes sure that a certificate file is there before the server serves TLS: one signed by itself, until the authority
/// has made a better one. Answers a sentence for people when it cannot.
std::expected<void, std::string> prepare_certificate(const Options& options, SystemTime now);

/// Gets the certificate, and gets it again in time: when the authority says so (RFC 9773), else when a third of its
/// life is left. On its reactor.
class Keeper {
 public:
  /// All must outlive it.
  struct Parts {
    const Clock& clock;
    base::observe::Logger& log;
    base::observe::Metrics& metrics;
    Transport& transport;
    Prover& prover;
    /// The file is there: everybody uses it from now on. Answers why not.
    std::function<std::expected<void, std::string>()> install;
  };
  Keeper(Parts parts, Options options);

  /// Until cancelled: spawn it into a task group.
  asio::awaitable<void> run();
  /// Renews when it is time. Answers whether it did.
  asio::awaitable<Expected<bool>> look();
  /// How long to wait after a look for the next one.
  [[nodiscard]] std::chrono::milliseconds rest(const Expected<bool>& looked);

 private:
  asio::awaitable<Expected<bool>> is_time(Session* session, CertificateFacts facts);
  asio::awaitable<Expected<void>> renew(Session* session, std::string replaces);
  [[nodiscard]] Expected<std::shared_ptr<const AccountKey>> account_key() const;
  Expected<void> install();
  [[nodiscard]] std::optional<RenewalChoice> kept_choice() const;
  void choose(const CertificateFacts& facts, const RenewalWindow& window);

  Parts parts_;
  Options options_;
  std::optional<RenewalChoice> choice_;
  std::optional<std::chrono::seconds> ask_again_;
  unsigned failures_ = 0;
  bool installed_ = true;  // the certificate in the file; at first everybody has just read it
};

}  // namespace veredus::work::acme
