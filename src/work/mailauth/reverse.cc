#include "work/mailauth/reverse.h"

#include <algorithm>

namespace veredus::work::mailauth {

namespace inquiry = rules::inquiry;
using inquiry::RecordType;
using inquiry::ReplyStatus;

namespace {
constexpr std::size_t kMostNames = 10;  // RFC 7208 s4.6.4
}

inquiry::Inquiry<ReverseVerdict> check_reverse(base::codec::IpAddress address) {
  ReverseVerdict verdict;
  const auto pointers = co_await inquiry::ask(RecordType::kPtr, base::codec::reverse_name(address));
  if (pointers.status != ReplyStatus::kFound) {
    const bool failed = pointers.status == ReplyStatus::kFailed;
    verdict.result = failed ? ReverseResult::kTemperror : ReverseResult::kPermerror;
    co_return verdict;
  }
  const bool v6 = address.family == base::codec::IpAddress::Family::kV6;
  verdict.result = ReverseResult::kFail;
  for (std::size_t i = 0; i < std::min(pointers.names.size(), kMostNames); ++i) {
    const auto& name = pointers.names[i];
    if (verdict.name.empty()) verdict.name = name;
    const auto hosts = co_await inquiry::ask(v6 ? RecordType::kAaaa : RecordType::kA, name);
    if (hosts.status == ReplyStatus::kFailed) verdict.result = ReverseResult::kTemperror;
    if (std::ranges::find(hosts.addresses, address) == hosts.addresses.end()) continue;
    verdict.result = ReverseResult::kPass;
    verdict.name = name;
    break;
  }
  co_return verdict;
}

}  // namespace veredus::work::mailauth
