#pragma once

#include <array>
#include <atomic>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "base/types/clock.h"
#include "io/dns/resolver.h"
#include "io/net/asio.h"
#include "rules/inquiry/inquiry.h"

namespace veredus::work::mailauth {

/// Answers what rules ask: from memory where it was asked before, else from DNS. What is in memory costs no suspension:
/// a busy peer's policies and keys are asked for thousands of times. One for the process. Thread-safe.
class Answers {
 public:
  using Question = rules::inquiry::Question;
  using Reply = rules::inquiry::Reply;

  struct Options {
    std::size_t octets = 32 * 1024 * 1024;  // of all that is kept
    std::chrono::seconds shortest{5};       // a message asks the same twice, whatever the TTL
    std::chrono::seconds longest{5 * 60};
  };
  struct Figures {
    std::uint64_t known = 0;  // answered from memory
    std::uint64_t asked = 0;
  };

  /// Both must outlive this.
  Answers(io::dns::Resolver& resolver, const Clock& clock, Options options);
  Answers(const Answers&) = delete;
  Answers& operator=(const Answers&) = delete;

  /// nullptr: it must be asked.
  [[nodiscard]] std::shared_ptr<const Reply> known(const Question& question);
  /// Asks DNS, until `until` at the longest; then it counts as failed.
  asio::awaitable<Reply> ask(Question question, SteadyTime until);

  [[nodiscard]] Figures figures() const;

 private:
  struct Hash {
    std::size_t operator()(const Question& question) const noexcept {
      return std::hash<std::string_view>{}(question.name) * 31 + static_cast<std::size_t>(question.type);
    }
  };
  struct Entry {
    std::shared_ptr<const Reply> reply;
    SteadyTime until;
    std::size_t octets = 0;
  };
  struct alignas(64) Shelf {
    std::mutex mutex;
    std::size_t octets = 0;
    std::unordered_map<Question, Entry, Hash> entries;
  };

  Shelf& shelf_of(const Question& question) { return shelves_[Hash()(question) % shelves_.size()]; }
  static void make_room(Shelf& shelf, std::size_t wanted, std::size_t most, SteadyTime now);
  void keep(Question question, const Reply& reply, std::chrono::seconds ttl);

  io::dns::Resolver& resolver_;
  const Clock& clock_;
  Options options_;
  std::array<Shelf, 16> shelves_;
  std::atomic<std::uint64_t> known_{0};
  std::atomic<std::uint64_t> asked_{0};
};

/// How many answers from memory an inquiry is given at once: all others on its thread wait meanwhile. Behind each of a
/// signature's there may be a key to read, a header to hash and a signature to check, and of a chain there may be a
/// hundred (RFC 8617 s4.2.1).
constexpr std::size_t kAnswersAtOnce = 32;
constexpr std::size_t kKeysAtOnce = 4;

/// Takes an inquiry as far as memory can, by `most` answers. True: it is at its end.
template <class T>
bool advance(Answers& answers, rules::inquiry::Inquiry<T>& inquiry, std::size_t most = kAnswersAtOnce) {
  while (const auto* question = inquiry.question()) {
    if (most-- == 0) return false;
    const auto reply = answers.known(*question);
    if (!reply) return false;
    inquiry.answer(*reply);
  }
  return true;
}

/// Takes an inquiry to its end, and lets others go first whenever it had so many answers from memory. Both are the
/// caller's, who awaits this.
template <class T>
asio::awaitable<void> finish(Answers* answers, rules::inquiry::Inquiry<T>* inquiry, SteadyTime until,
                             std::size_t at_once = kAnswersAtOnce) {
  while (!advance(*answers, *inquiry, at_once)) {
    auto question = *inquiry->question();
    if (answers->known(question) != nullptr) {
      co_await asio::post(asio::use_awaitable);
      continue;
    }
    auto reply = co_await answers->ask(std::move(question), until);
    inquiry->answer(std::move(reply));
  }
}

}  // namespace veredus::work::mailauth
