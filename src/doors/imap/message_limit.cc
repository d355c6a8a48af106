#include "doors/imap/message_limit.h"

#include <algorithm>
#include <utility>

#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using state::mailbox::UidRange;
using state::mailbox::UidSet;

namespace {

/// Those at positions first..last, counted from 0.
UidSet slice(const UidSet& uids, std::uint64_t first, std::uint64_t last) {
  UidSet taken;
  std::uint64_t position = 0;
  for (const auto& range : uids.ranges()) {
    const std::uint64_t count = std::uint64_t{range.last.value} - range.first.value + 1;
    const auto from = std::max(first, position);
    const auto to = std::min(last, position + count - 1);
    if (from <= to)
      taken.add(UidRange{Uid(static_cast<std::uint32_t>(range.first.value + (from - position))),
                         Uid(static_cast<std::uint32_t>(range.first.value + (to - position)))});
    position += count;
  }
  return taken;
}

}  // namespace

std::optional<Uid> limit_messages(const Talk& talk, UidSet& uids) {
  const std::uint64_t limit = talk.options.message_limit;
  const auto count = uids.size();
  if (limit == 0 || count <= limit) return std::nullopt;
  uids = slice(uids, count - limit, count - 1);
  return uids.ranges().front().first;
}

Outcome with_limit(Talk& talk, Outcome outcome, std::optional<Uid> from) {
  if (!from || outcome.status != Status::kOk) return outcome;
  auto code = wire::imap::code_messagelimit(talk.options.message_limit, from->value);
  if (outcome.code.empty())
    outcome.code = std::move(code);
  else
    wire::imap::append_untagged(talk.out.buffer(), wire::imap::Condition::kNo, code,
                                "Only the last of them");  // RFC 9738 s3.1
  return outcome;
}

std::optional<Outcome> over_limit(const Talk& talk, std::uint64_t messages) {
  const std::uint64_t limit = talk.options.message_limit;
  if (limit == 0 || messages <= limit) return std::nullopt;
  return no(wire::imap::code_messagelimit(limit, std::nullopt), "Too many messages at once");
}

UidSet partial(const UidSet& uids, const wire::imap::PartialRange& range) {
  const auto count = uids.size();
  auto first = static_cast<std::uint64_t>(std::abs(range.first));
  auto last = static_cast<std::uint64_t>(std::abs(range.last));
  if (first > last) std::swap(first, last);
  if (first > count) return {};
  last = std::min(last, count);
  if (range.first > 0) return slice(uids, first - 1, last - 1);
  return slice(uids, count - last, count - first);
}

}  // namespace veredus::doors::imap
