#include "doors/imap/reply_pace.h"

namespace veredus::doors::imap {

asio::awaitable<bool> ReplyPace::pause() {
  if (out_->is_full() || has_enough_lines()) {
    const bool sent = co_await out_->make_room();
    if (!sent) co_return false;
  }
  if (stint_.is_long()) co_await stint_.pause();
  co_return true;
}

}  // namespace veredus::doors::imap
