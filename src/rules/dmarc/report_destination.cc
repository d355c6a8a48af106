#include "rules/dmarc/report_destination.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/hex.h"
#include "base/codec/idna.h"
#include "rules/dkim/tag_list.h"

namespace veredus::rules::dmarc {

namespace codec = base::codec;
using inquiry::Inquiry;
using inquiry::ReplyStatus;

namespace {

constexpr std::size_t kMostNameOctets = 253;  // RFC 1035 s2.3.4, as text

/// What follows "scheme:"; nullopt: it is another scheme.
std::optional<std::string_view> after_scheme(std::string_view uri, std::string_view scheme) {
  if (!codec::istarts_with_ascii(uri, scheme) || uri.size() <= scheme.size() || uri[scheme.size()] != ':')
    return std::nullopt;
  return uri.substr(scheme.size() + 1);
}

/// RFC 3986 s2.1; nullopt: a '%' without two hexadecimal digits.
std::optional<std::string> without_percents(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    const auto octet = codec::hex_decode(text.substr(std::min(i + 1, text.size()), 2));
    if (!octet || octet->size() != 1) return std::nullopt;
    out += *octet;
    i += 2;
  }
  return out;
}

/// What the records at the host say: RFC 9990 s4, steps 6 to 9.
Destination judge(const std::vector<std::string>& records, ReportTarget target, const std::string& host) {
  Destination out{.problem = host + " does not say that it takes reports about others"};
  for (const auto& record : records) {
    if (!is_dmarc(record)) continue;
    const auto tags = dkim::TagList::parse(record);
    if (!tags) continue;
    out.permission = Permission::kGranted;
    // The policy's own form of rua= is read from a record of the same form.
    const auto override_tag = tags->find("rua");
    if (!override_tag) continue;
    const auto said = parse_record("v=DMARC1; p=none; rua=" + std::string(*override_tag));
    if (!said) continue;
    for (const auto& instead : said->aggregate_reports) {
      if (host_of(instead.uri) != host)  // to neither of them
        return {.problem = host + " passes reports on to another host"};
      out.targets.push_back(instead);
    }
  }
  if (out.permission != Permission::kGranted) return out;
  out.problem.clear();
  if (out.targets.empty()) out.targets.push_back(std::move(target));
  return out;
}

}  // namespace

std::optional<std::string> mail_address(std::string_view uri) {
  const auto rest = after_scheme(uri, "mailto");
  if (!rest) return std::nullopt;
  auto address = without_percents(rest->substr(0, rest->find('?')));
  const auto at = address ? address->rfind('@') : std::string::npos;
  if (at == std::string::npos || at == 0 || at + 1 == address->size()) return std::nullopt;
  if (address->find_first_of(" \t\r\n,<>") != std::string::npos) return std::nullopt;
  return address;
}

std::optional<std::string> host_of(std::string_view uri) {
  std::string host;
  if (const auto address = mail_address(uri)) {
    host = address->substr(address->rfind('@') + 1);
  } else {
    auto rest = after_scheme(uri, "https");
    if (!rest) rest = after_scheme(uri, "http");
    if (!rest || !rest->starts_with("//")) return std::nullopt;
    auto authority = rest->substr(2, rest->find_first_of("/?#", 2) - 2);
    if (const auto user = authority.rfind('@'); user != std::string_view::npos) authority.remove_prefix(user + 1);
    host = authority.substr(0, authority.find(':'));
  }
  auto ascii = codec::to_ascii(host);
  return ascii && !ascii->empty() ? std::optional(codec::to_lower_ascii(*ascii)) : std::nullopt;
}

Inquiry<Destination> check_destination(std::string policy_domain, ReportTarget target, Options options) {
  Destination out;
  const auto host = host_of(target.uri);
  if (!host) {
    out.problem = target.uri + " names no host";
    co_return out;
  }
  bool within = *host == policy_domain;
  if (!within) {
    auto ours = organizational_domain(policy_domain, options);
    const std::string organization = co_await ours;
    auto theirs = organizational_domain(*host, options);
    const std::string other = co_await theirs;
    within = organization == other;
  }
  if (within) {
    out.permission = Permission::kGranted;
    out.targets.push_back(std::move(target));
    co_return out;
  }
  std::string name = policy_domain + "._report._dmarc." + *host;
  if (name.size() > kMostNameOctets) {
    out.problem = name + " is too long a name";
    co_return out;
  }
  const auto reply = co_await inquiry::ask(inquiry::RecordType::kTxt, std::move(name));
  if (reply.status == ReplyStatus::kFailed) {
    out.permission = Permission::kTryLater;
    out.problem = "DNS does not answer whether " + *host + " takes the reports";
    co_return out;
  }
  out = judge(reply.texts, std::move(target), *host);
  co_return out;
}

}  // namespace veredus::rules::dmarc
