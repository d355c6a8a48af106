#pragma once

#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace veredus {
class Clock;
}
namespace veredus::base::observe {
class Logger;
class Metrics;
}  // namespace veredus::base::observe
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
namespace veredus::work::delivery {
class FanOut;
class Receptions;
class Router;
}  // namespace veredus::work::delivery

namespace veredus::doors::admin {

/// A place the server listens at, for `status`.
struct ListeningAt {
  std::string protocol;
  std::string address;
};

/// What the server above can do that no module below can; filled in by app.
struct ServerActions {
  std::function<std::expected<void, std::string>()> reload;
  std::function<std::vector<ListeningAt>()> listeners;
  std::function<std::size_t()> sessions;
};

/// What the admin API works with; all must outlive its sessions.
struct Services {
  const Clock& clock;
  std::string hostname;
  io::engine::Engine& engine;
  state::directory::Directory& directory;
  state::mailbox::Mailboxes& mailboxes;
  state::journal::Journal& journal;
  work::delivery::FanOut& fan_out;
  base::observe::Logger& log;
  base::observe::Metrics& metrics;
  ServerActions actions;
};

}  // namespace veredus::doors::admin
