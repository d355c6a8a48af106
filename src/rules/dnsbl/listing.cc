#include "rules/dnsbl/listing.h"

#include <algorithm>
#include <utility>

namespace veredus::rules::dnsbl {

using base::codec::IpAddress;
using base::codec::same_network;

namespace {

IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c) {
  IpAddress out;
  out.octets = {a, b, c};
  return out;
}

bool counts(const IpAddress& answer, const List& list) {
  if (!same_network(answer, v4(127, 0, 0), 8) || same_network(answer, v4(127, 255, 255), 24)) return false;
  return list.answers.empty() || std::ranges::any_of(list.answers, [&answer](const AnswerRange& range) {
           return same_network(answer, range.base, range.bits);
         });
}

}  // namespace

std::string query_name(const IpAddress& address, const std::string& zone) {
  // The name under arpa, without its last two labels.
  auto name = base::codec::reverse_name(address);
  name.resize(name.rfind('.', name.rfind('.') - 1) + 1);
  return name + zone;
}

inquiry::Inquiry<Word> look_up(IpAddress address, List list) {
  const auto reply = co_await inquiry::ask(inquiry::RecordType::kA, query_name(address, list.zone));
  Word word{.listing = std::nullopt, .is_known = reply.status != inquiry::ReplyStatus::kFailed};
  const auto counted = std::ranges::find_if(reply.addresses, [&](const auto& answer) { return counts(answer, list); });
  if (counted != reply.addresses.end())
    word.listing = Listing{.zone = list.zone, .answer = *counted, .weight = list.weight};
  co_return word;
}

}  // namespace veredus::rules::dnsbl
