#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "support/imap_world.h"
#include "support/turns.h"

namespace veredus::test {

struct ImapAnswer {
  std::string reply;
  std::size_t turns = 0;  // others on the reactor had meanwhile
};

/// Says a command with the tag "z", to a client whose output was taken; ends when it is answered, or after a million
/// turns. For tests only.
inline ImapAnswer answer_among_others(ImapWorld& world, ImapClient& client, const std::string& command) {
  const auto& output = client.peer().output;
  client.peer().say("z " + command + "\r\n");
  const Turns others(world.reactor.executor());
  auto& context = world.reactor.context();
  context.restart();
  const auto answered = [&output] { return output.starts_with("z ") || output.rfind("\r\nz ") != std::string::npos; };
  for (std::size_t i = 0; i < 1'000'000 && !answered(); ++i) context.poll_one();
  return {std::exchange(client.peer().output, {}), others.count()};
}

}  // namespace veredus::test
