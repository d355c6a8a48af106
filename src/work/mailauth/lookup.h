#pragma once

#include <chrono>
#include <utility>

#include "io/dns/resolver.h"
#include "io/net/asio.h"
#include "rules/inquiry/inquiry.h"

namespace veredus::work::mailauth {

/// Asks DNS what a rule wants to know. Completes on the caller's executor. Answers that DNSSEC proves forged, and names
/// that DNS cannot have, count as what they are for a rule: no answer now, and no such name.
asio::awaitable<rules::inquiry::Reply> look_up(io::dns::Resolver* resolver, rules::inquiry::Question question);

/// An answer, and for how long it holds.
struct Looked {
  rules::inquiry::Reply reply;
  std::chrono::seconds ttl{};
};
asio::awaitable<Looked> look_up_with_ttl(io::dns::Resolver* resolver, rules::inquiry::Question question);

/// Answers everything a rule asks, and returns what it came to.
template <class T>
asio::awaitable<T> run(io::dns::Resolver* resolver, rules::inquiry::Inquiry<T> inquiry) {
  while (const auto* question = inquiry.question()) {
    rules::inquiry::Reply reply = co_await look_up(resolver, *question);
    inquiry.answer(std::move(reply));
  }
  co_return inquiry.take();
}

}  // namespace veredus::work::mailauth
