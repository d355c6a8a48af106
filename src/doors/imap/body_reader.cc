#include "doors/imap/body_reader.h"

#include <algorithm>
#include <utility>

#include "base/types/result.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {

using state::mailbox::kChunkOctets;
using state::mailbox::MailboxError;

std::string_view BodyReader::at_hand(std::uint64_t begin, std::uint64_t end) const {
  if (begin < chunk_begin_ || begin >= chunk_begin_ + chunk_.size()) return {};
  const auto last = std::min<std::uint64_t>(end, chunk_begin_ + chunk_.size());
  return std::string_view(chunk_).substr(begin - chunk_begin_, last - begin);
}

asio::awaitable<BodyReader::Octets> BodyReader::read(std::uint64_t begin, std::uint64_t end) {
  if (const auto there = at_hand(begin, end); !there.empty()) co_return there;
  // From the beginning of its chunk, which is read whole in any case.
  const bool first = begin < body_.first_octets;
  const auto into = first ? begin : (begin - body_.first_octets) % kChunkOctets;
  chunk_begin_ = begin - into;
  VEREDUS_CO_TRY(chunk_, co_await mailboxes_->read_body(account_, body_, chunk_begin_, kChunkOctets));
  const auto there = at_hand(begin, end);
  if (there.empty()) co_return std::unexpected(MailboxError::kCorrupt);
  co_return there;
}

asio::awaitable<std::expected<std::string, MailboxError>> BodyReader::read_all(std::uint64_t begin, std::uint64_t end,
                                                                               std::size_t limit) {
  end = std::min<std::uint64_t>(end, begin + limit);
  std::string all;
  while (begin < end) {
    VEREDUS_CO_TRY(const auto some, co_await read(begin, end));
    all.append(some);
    begin += some.size();
  }
  co_return all;
}

}  // namespace veredus::doors::imap
