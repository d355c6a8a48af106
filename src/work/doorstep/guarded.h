#pragma once

#include <boost/system/system_error.hpp>
#include <exception>

#include "io/net/asio.h"

namespace veredus::work::doorstep {

/// Runs a door's conversation to its end; a session is where what nobody foresaw is caught. `Conversation` has `run()`,
/// `give_up()` for the peer to be told, and `visit()`. The caller owns it and waits for this.
template <class Conversation>
asio::awaitable<void> guarded(Conversation* conversation) {
  try {
    co_await conversation->run();
    co_return;
  } catch (const boost::system::system_error&) {
    throw;  // cancelled by the task group
  } catch (const std::exception& unforeseen) {
    conversation->visit().note_internal_error(unforeseen.what());
  }
  co_await conversation->give_up();
}

}  // namespace veredus::work::doorstep
