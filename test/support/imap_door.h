#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "support/imap_world.h"
#include "support/scripted_transport.h"

namespace veredus::test {

/// An ImapWorld, and carol@demo.test, with clients that say all they have to say at once.
class ImapDoorTest : public testing::Test, protected ImapWorld {
 protected:
  explicit ImapDoorTest(io::engine::MemoryEngine::Options engine_options = {.commits_inline = true})
      : ImapWorld(engine_options) {
    carol = add_account("carol@demo.test");
  }

  /// Says all of `input` without a login, and answers all that the door said.
  std::string say(std::string_view input) {
    auto script = std::make_shared<Script>();
    script->peer = io::net::Endpoint::ip(io::net::IpAddress::v4({127, 0, 0, 1}), 4000);
    script->then(input);
    io::net::Connection connection{.stream = io::net::LineStream(reactor, std::make_unique<ScriptedTransport>(script)),
                                   .admission = io::net::Admission()};
    EXPECT_TRUE(run(serve_one(&door(), std::move(connection))));
    return script->output;
  }
  /// Logs `user` of demo.test in, says `input` and answers what was said after the login.
  std::string say_as(std::string_view user, std::string_view input) {
    const auto said = say("login LOGIN " + std::string(user) + "@demo.test \"correct horse\"\r\n" + std::string(input));
    const auto in = said.find("login OK");
    if (in == std::string::npos) return said;
    return said.substr(said.find("\r\n", in) + 2);
  }

  AccountId carol;

 private:
  static asio::awaitable<bool> serve_one(doors::imap::Door* door, io::net::Connection connection) {
    co_await door->serve(std::move(connection));
    co_return true;
  }
};

}  // namespace veredus::test
