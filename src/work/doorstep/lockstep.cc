#include "work/doorstep/lockstep.h"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "io/net/line_stream.h"

namespace veredus::work::doorstep {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::microseconds kIdleRound{10};  // longer than a look around takes when nobody else runs
constexpr std::chrono::milliseconds kAtOnce{0};      // a client that takes longer to read is waited for asleep

/// One session at a time waits awake on one thread.
class Vigil {
 public:
  Vigil() : is_kept_(!taken_) { taken_ = true; }
  ~Vigil() {
    if (is_kept_) taken_ = false;
  }
  Vigil(const Vigil&) = delete;
  Vigil& operator=(const Vigil&) = delete;
  [[nodiscard]] bool is_kept() const { return is_kept_; }

 private:
  static thread_local bool taken_;
  bool is_kept_;
};

thread_local bool Vigil::taken_ = false;

}  // namespace

bool Lockstep::is_worth_it() {
  if (passes_ == 0) return is_hasty_;
  --passes_;
  return false;
}

void Lockstep::arrived() { note(SteadyClock::now() - since_); }

asio::awaitable<void> Lockstep::expect(io::net::LineStream* stream) {
  since_ = SteadyClock::now();
  if (!is_worth_it()) co_return;
  // Who waits for its answer to be taken keeps nobody else from waiting awake. What stays unsent the next read sends.
  const auto sent = co_await stream->flush(kAtOnce);
  if (!sent) co_return;
  since_ = SteadyClock::now();
  const Vigil vigil;
  if (!vigil.is_kept()) co_return;
  const auto executor = co_await asio::this_coro::executor;
  auto last = since_;
  for (bool first_round = true;; first_round = false) {
    if (stream->peer_has_spoken()) co_return;
    co_await asio::post(executor, asio::use_awaitable);  // a round of this thread: whatever is ready goes first
    const auto now = SteadyClock::now();
    const bool is_busy = !first_round && now - last > kIdleRound;
    if (now - since_ > kAwake) note_miss();
    if (is_busy || now - since_ > kAwake) co_return;
    last = now;
  }
}

}  // namespace veredus::work::doorstep
