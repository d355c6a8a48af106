#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "io/http/message.h"
#include "io/net/asio.h"
#include "work/acme/account_key.h"
#include "work/acme/acme_error.h"
#include "work/acme/options.h"

namespace veredus::work::acme {

/// Carries requests to the authority.
class Transport {
 public:
  virtual ~Transport() = default;
  /// `body` empty: as `method` says; else it is JOSE+JSON.
  virtual asio::awaitable<Expected<io::http::Response>> call(io::http::Method method, std::string url,
                                                             std::string body) = 0;
};

/// One challenge to be answered.
struct Challenge {
  std::string name;   // the DNS name
  std::string token;  // of base64url characters alone
  std::string key_authorization;
};

/// Shows the answers to challenges, where the authority looks for them.
class Prover {
 public:
  virtual ~Prover() = default;
  [[nodiscard]] virtual ChallengeKind kind() const = 0;
  virtual Expected<void> show(const Challenge& challenge) = 0;
  virtual void take_down(const Challenge& challenge) = 0;
};

/// When the authority wishes a certificate to be renewed. Source: RFC 9773 s4.2.
struct RenewalWindow {
  SystemTime from{};
  SystemTime until{};
  std::optional<std::chrono::seconds> ask_again;
};

/// A client of one ACME server. One coroutine at a time. Source: RFC 8555.
class Session {
 public:
  struct Options {
    std::string directory;              // its URL
    std::vector<std::string> contacts;  // "mailto:…"
    Binding binding = {};
    std::chrono::milliseconds poll_wait = std::chrono::seconds(2);  // where the server names no other
    int polls = 60;                                                 // of one authorization, and of an order
  };
  template <class T>
  using Result = asio::awaitable<Expected<T>>;

  /// Both are owned by someone who joins the caller of what follows.
  Session(Transport* transport, std::shared_ptr<const AccountKey> key, Options options)
      : transport_(transport), key_(std::move(key)), options_(std::move(options)) {}

  /// Reads the directory, and finds or makes the account: its owner has agreed to the terms of service.
  Result<void> open();
  /// A certificate for these names, PEM, the whole chain. `request`: PKCS #10, DER. `replaces`: the renewal id of the
  /// one before, or empty. `prover` is owned by someone who joins the caller.
  Result<std::string> obtain(std::vector<std::string> names, std::string request, std::string replaces, Prover* prover);
  /// nullopt: the server does not say. Needs read_directory() or open().
  Result<std::optional<RenewalWindow>> renewal_window(std::string renewal_id);
  Result<void> read_directory();

 private:
  struct Urls {
    std::string nonce;
    std::string account;
    std::string order;
    std::string renewal;
  };
  struct Order;
  using Response = io::http::Response;

  Result<Response> post(std::string url, std::string payload);
  Result<std::string> fresh_nonce();
  Result<Order> order_for(std::vector<std::string> names, std::string replaces);
  Result<void> prove(std::string authorization, Prover* prover);
  Result<void> wait_for_proof(std::string authorization);
  Result<std::string> finalize(Order order, std::string request);
  asio::awaitable<void> wait(Response response);
  void take_nonce(const Response& response);

  Transport* transport_;
  std::shared_ptr<const AccountKey> key_;
  Options options_;
  Urls urls_;
  std::string account_;  // its URL
  std::string nonce_;
};

}  // namespace veredus::work::acme
