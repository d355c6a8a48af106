#include "io/net/reactor_lag.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/observe/metrics.h"
#include "io/net/reactor.h"

namespace veredus::io::net {
namespace {

constexpr std::chrono::milliseconds kEvery{50};

std::vector<double> bounds() {
  return {0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.0015, 0.002, 0.0025, 0.003,
          0.004,   0.005,  0.007,  0.01,   0.02,  0.05,   0.1,   0.5,    1};
}

/// One reactor's. Lives in its timer, which ends with the reactor.
class Watch : public std::enable_shared_from_this<Watch> {
 public:
  Watch(Reactor& reactor, base::observe::Histogram& lag) : timer_(reactor.context()), lag_(lag) {}

  void look_later() {
    timer_.expires_after(kEvery);
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
      if (error) return;
      const std::chrono::duration<double> late = std::chrono::steady_clock::now() - self->timer_.expiry();
      self->lag_.observe(late.count());
      self->look_later();
    });
  }

 private:
  asio::steady_timer timer_;
  base::observe::Histogram& lag_;
};

}  // namespace

void watch_lag(Reactors& reactors, base::observe::Metrics& metrics) {
  for (std::size_t i = 0; i < reactors.size(); ++i) {
    auto& lag = metrics.histogram("veredus_reactor_lag_seconds", "How late a reactor comes to what is due", bounds(),
                                  {{"reactor", std::to_string(i)}});
    std::make_shared<Watch>(reactors[i], lag)->look_later();
  }
}

}  // namespace veredus::io::net
