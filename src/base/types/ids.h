#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace veredus {

/// A number that means one thing only: an AccountId is no MailboxId, and neither is an int.
template <class Tag, class Rep>
struct StrongId {
  using rep = Rep;
  Rep value{};

  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep v) : value(v) {}
  friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

using AccountId = StrongId<struct AccountTag, std::uint64_t>;  // one person's mailboxes; never reused
using DomainId = StrongId<struct DomainTag, std::uint64_t>;    // a domain this server is responsible for
using MailboxId = StrongId<struct MailboxTag, std::uint32_t>;  // within one account; never reused
using Uid = StrongId<struct UidTag, std::uint32_t>;            // RFC 9051 s2.3.1.1, 1.. within one mailbox
using UidValidity = StrongId<struct UidValidityTag, std::uint32_t>;
using ModSeq = StrongId<struct ModSeqTag, std::uint64_t>;  // RFC 7162, one counter for each account
using EmailId = StrongId<struct EmailTag, std::uint64_t>;  // one stored message within one account
using ThreadId = StrongId<struct ThreadTag, std::uint64_t>;
using NodeId = StrongId<struct NodeTag, std::uint32_t>;  // one running program of a cluster

}  // namespace veredus

template <class Tag, class Rep>
struct std::hash<veredus::StrongId<Tag, Rep>> {
  std::size_t operator()(veredus::StrongId<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value); }
};
