#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/search/progress.h"

namespace veredus::doors::imap {

/// For with_progress, whose work has no result.
template <class T>
asio::awaitable<void> keep_result(asio::awaitable<T> work, std::optional<T>* result) {
  result->emplace(co_await std::move(work));
}

/// Runs `search` and tells the client how far it is whenever `Timeouts::progress` has passed (RFC 9585 s4). When the
/// client is gone, or this is cancelled, `progress->stop` is set, and the search ends. `search` writes its result where
/// its maker reads it.
asio::awaitable<void> with_progress(Talk* talk, std::shared_ptr<state::search::Progress> progress,
                                    asio::awaitable<void> search);

/// The same for work on many messages that cannot say how far it is; on few it is just done. Its result.
template <class T>
asio::awaitable<T> with_signs_of_life(Talk* talk, std::uint64_t messages, asio::awaitable<T> work) {
  constexpr std::uint64_t kMany = 10'000;  // more than one turn on the account
  if (messages <= kMany) co_return co_await std::move(work);
  std::optional<T> result;
  co_await with_progress(talk, std::make_shared<state::search::Progress>(), keep_result(std::move(work), &result));
  co_return *std::move(result);
}

}  // namespace veredus::doors::imap
