#include "doors/imap/fetch_pace.h"

namespace veredus::doors::imap {

asio::awaitable<bool> FetchPace::pause() {
  if (out_->is_full() || has_enough_lines()) {
    work_.use(out_->buffer().size());
    const bool sent = co_await out_->make_room();
    if (!sent) co_return false;
  }
  if (work_.is_used_up()) co_await work_.renew();
  co_return true;
}

}  // namespace veredus::doors::imap
