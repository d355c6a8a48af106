#include "work/smtpclient/idle_connections.h"

#include <algorithm>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

#include "io/net/deadline.h"
#include "io/net/reactor.h"

namespace veredus::work::smtpclient {

class IdleConnections::Core {
 public:
  Core(io::net::Reactor& reactor, Options options) : reactor_(&reactor), options_(options) {}

  void put(std::string key, std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> take(const std::string& key);
  void close_all();
  [[nodiscard]] std::size_t size() const { return idle_.size(); }

  /// Looks once a second for those that have waited too long; ends when there are none, or the pool is gone.
  static asio::awaitable<void> watch(std::weak_ptr<Core> pool);
  std::weak_ptr<Core> self;

 private:
  struct Idle {
    std::string key;
    std::unique_ptr<Connection> connection;
    std::int64_t since;  // milliseconds of the reactor's clock
  };
  using List = std::list<Idle>;

  void forget(List::iterator idle);
  void say_goodbye(std::unique_ptr<Connection> connection);
  void close_overdue();

  io::net::Reactor* reactor_;
  Options options_;
  List idle_;                                                            // the longest idle first
  std::unordered_map<std::string, std::vector<List::iterator>> by_key_;  // the longest idle first
  bool watching_ = false;
};

namespace {

asio::awaitable<void> quit(std::unique_ptr<Connection> connection) { co_await connection->quit(); }

}  // namespace

void IdleConnections::Core::say_goodbye(std::unique_ptr<Connection> connection) {
  // A group that has stopped drops the work, and with it the connection.
  reactor_->tasks().spawn(quit(std::move(connection)));
}

void IdleConnections::Core::forget(List::iterator idle) {
  const auto of_key = by_key_.find(idle->key);
  std::erase(of_key->second, idle);
  if (of_key->second.empty()) by_key_.erase(of_key);
  idle_.erase(idle);
}

void IdleConnections::Core::put(std::string key, std::unique_ptr<Connection> connection) {
  if (!connection->reusable() || reactor_->draining() || options_.max_connections == 0)
    return say_goodbye(std::move(connection));
  if (const auto of_key = by_key_.find(key); of_key != by_key_.end() && of_key->second.size() >= options_.max_per_key) {
    say_goodbye(std::move(of_key->second.front()->connection));
    forget(of_key->second.front());
  }
  if (idle_.size() >= options_.max_connections) {
    say_goodbye(std::move(idle_.front().connection));
    forget(idle_.begin());
  }
  auto& of_key = by_key_[key];
  idle_.push_back({std::move(key), std::move(connection), reactor_->deadlines().coarse_now()});
  of_key.push_back(std::prev(idle_.end()));
  if (!std::exchange(watching_, true)) reactor_->tasks().spawn(watch(self));
}

std::unique_ptr<Connection> IdleConnections::Core::take(const std::string& key) {
  while (true) {
    const auto of_key = by_key_.find(key);
    if (of_key == by_key_.end()) return nullptr;
    const auto latest = of_key->second.back();
    auto connection = std::move(latest->connection);
    forget(latest);
    if (!connection->stale()) return connection;
  }
}

void IdleConnections::Core::close_overdue() {
  const auto now = reactor_->deadlines().coarse_now();
  while (!idle_.empty() && now - idle_.front().since >= options_.idle_timeout.count()) {
    say_goodbye(std::move(idle_.front().connection));
    forget(idle_.begin());
  }
}

void IdleConnections::Core::close_all() {
  while (!idle_.empty()) {
    say_goodbye(std::move(idle_.front().connection));
    forget(idle_.begin());
  }
}

asio::awaitable<void> IdleConnections::Core::watch(std::weak_ptr<Core> pool) {
  while (true) {
    co_await io::net::pause(std::chrono::seconds(1));
    const auto core = pool.lock();
    if (!core) co_return;
    if (core->reactor_->draining()) core->close_all();
    core->close_overdue();
    core->watching_ = !core->idle_.empty();
    if (!core->watching_) co_return;
  }
}

IdleConnections::IdleConnections(io::net::Reactor& reactor, Options options)
    : core_(std::make_shared<Core>(reactor, options)) {
  core_->self = core_;
}
IdleConnections::~IdleConnections() = default;

void IdleConnections::put(std::string key, std::unique_ptr<Connection> connection) {
  core_->put(std::move(key), std::move(connection));
}
std::unique_ptr<Connection> IdleConnections::take(const std::string& key) { return core_->take(key); }
void IdleConnections::close_all() { core_->close_all(); }
std::size_t IdleConnections::size() const { return core_->size(); }

}  // namespace veredus::work::smtpclient
