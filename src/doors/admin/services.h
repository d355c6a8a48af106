#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "io/net/asio.h"
#include "work/delivery/routes.h"

namespace veredus {
class Clock;
}
namespace veredus::base::observe {
class Logger;
class Metrics;
}  // namespace veredus::base::observe
namespace veredus::io::dns {
class Resolver;
}
namespace veredus::io::engine {
class Engine;
}
namespace veredus::state::directory {
class Directory;
}
namespace veredus::state::journal {
class Journal;
}
namespace veredus::state::mailbox {
class Mailboxes;
}
namespace veredus::state::search {
class Indexes;
}
namespace veredus::state::senders {
class Senders;
}
namespace veredus::state::spool {
class QueueShards;
}
namespace veredus::work::delivery {
class FanOut;
class Receptions;
class Router;
}  // namespace veredus::work::delivery
namespace veredus::work::mailauth {
class KeyWatch;
}
namespace veredus::work::probe {
class Jobs;
}
namespace veredus::work::queue {
class Queue;
}
namespace veredus::work::records {
struct OwnHost;
}
namespace veredus::work::reports {
class Reports;
}
namespace veredus::work::transfer {
class Copies;
}

namespace veredus::doors::admin {

/// A place the server listens at, for `status`.
struct ListeningAt {
  std::string protocol;
  std::string address;
};

/// A letter to be sent through a hop at once, past the queue, to see whether it works.
struct SendingTrial {
  work::delivery::NextHop hop;
  std::string sender;  // addresses as text
  std::string recipient;
  std::string message;
};

/// What the server above can do that no module below can; filled in by app.
struct ServerActions {
  std::function<std::expected<void, std::string>()> reload;
  std::function<std::vector<ListeningAt>()> listeners;
  std::function<std::size_t()> sessions;
  /// "always", "proven", "stripped", "silent", "unknown" or "off", as docs/openapi.yaml explains them.
  std::function<std::string_view()> dnssec;
  /// This server as DNS should describe it.
  std::function<work::records::OwnHost()> own_host;
  /// Answers what went wrong, for people.
  std::function<asio::awaitable<std::expected<void, std::string>>(SendingTrial)> try_sending;
};

/// What the admin API works with; all must outlive its sessions.
struct Services {
  const Clock& clock;
  std::string hostname;
  io::engine::Engine& engine;
  state::directory::Directory& directory;
  state::mailbox::Mailboxes& mailboxes;
  state::search::Indexes& indexes;
  state::journal::Journal& journal;
  work::delivery::FanOut& fan_out;
  work::delivery::Router& router;
  work::delivery::Receptions& receptions;
  work::queue::Queue& queue;
  state::spool::QueueShards& queue_shards;
  work::probe::Jobs& probes;
  work::transfer::Copies& copies;
  work::reports::Reports& reports;
  state::senders::Senders& senders;
  base::observe::Logger& log;
  base::observe::Metrics& metrics;
  io::dns::Resolver& resolver;
  work::mailauth::KeyWatch& signing_keys;
  ServerActions actions;
};

}  // namespace veredus::doors::admin
