#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "io/net/asio.h"

namespace veredus::base::observe {
class Metrics;
}
namespace veredus::io::net {
class WorkerPool;
}
namespace veredus::rules::arc {
enum class Result : std::uint8_t;  // kNone is 0
}
namespace veredus::state::directory {
class Directory;
}

namespace veredus::work::mailauth {

class Signer;

/// Why a message has no signatures yet. Both pass: "try again later".
enum class SigningError : std::uint8_t {
  kBusy,      // too many others were to be signed before it
  kStopping,  // the program ends
};

/// What an ARC set says of the message it was made for.
struct SealFacts {
  rules::arc::Result chain{};  // of the sets it came with
  std::string results;         // the value of our Authentication-Results: "mx.example.org; spf=pass …"
};

/// One way a message takes from here, and in whose name.
struct SigningWish {
  std::string fields;             // that will stand before the message on this way, each ended by CRLF
  std::string domain;             // whose keys, A-labels; empty: From's
  bool sign = true;               // a DKIM-Signature for each key
  std::optional<SealFacts> seal;  // an ARC set
};

/// Signs one message while it streams by:
///
///   SigningJob job(&signer);
///   job.feed(octets) …
///   auto fields = co_await job.finish(wishes);
///
/// The body is hashed once, whatever comes of it. One coroutine at a time; the signer outlives it.
class SigningJob {
 public:
  explicit SigningJob(const Signer* signer);
  SigningJob(SigningJob&&) noexcept;
  SigningJob& operator=(SigningJob&&) noexcept;
  ~SigningJob();

  /// Octets of the message, header first, with CRLF line ends; cut anywhere.
  void feed(std::string_view octets);

  /// For each wish the fields to be put before the message, with their line ends; empty: there is no key, or nothing
  /// that could be signed. Done on the worker pool, all of a message at once and in the order of coming: never on the
  /// caller's thread, whatever else waits there. Call once.
  asio::awaitable<std::expected<std::vector<std::string>, SigningError>> finish(std::vector<SigningWish> wishes);
  /// What was made, for the journal, each key once: ("signed", "example.org s1 rsa-sha256"), ("sealed", …).
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& made() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Signs mail with the keys the directory has for its domains: each message with all active ones, so that who cannot
/// check Ed25519 yet finds RSA (RFC 8463 s3). Thread-safe; what it is made with outlives it.
class Signer {
 public:
  struct Options {
    bool sign = true;                  // DKIM, of what our people, lists and this program itself send
    bool sign_local = false;           // also what goes to nobody elsewhere
    bool seal = true;                  // ARC, of what is led on for others
    std::chrono::seconds lifetime{0};  // x= of signatures; 0: they do not expire
    std::size_t max_header_octets = std::size_t{256} * 1024;  // a longer header is not signed
    /// How long a message may wait for its turn, far below the ten minutes that a client waits (RFC 5321 s4.5.3.2.6).
    std::chrono::seconds patience{60};
  };
  /// `pool` may be null, for programs without reactors: signed on the caller's thread.
  Signer(const state::directory::Directory* directory, io::net::WorkerPool* pool, const Clock* clock,
         base::observe::Metrics* metrics, Options options);
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;
  ~Signer();

  [[nodiscard]] Options options() const;
  /// For messages from now on.
  void change(Options options);
  /// The sessions are gone: what still waits for its turn is not signed any more (kStopping). Thread-safe.
  void give_up();
  /// False: no domain has a key, so that no job is worth its while.
  [[nodiscard]] bool has_keys() const;

 private:
  friend class SigningJob;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace veredus::work::mailauth
