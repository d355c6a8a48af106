#include "rules/srs/srs.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/base32.h"
#include "base/crypto/digest.h"

namespace veredus::rules::srs {

using base::codec::istarts_with_ascii;
using base::codec::to_lower_ascii;
using wire::smtp::Address;

namespace {

constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";  // base::codec's base32
constexpr std::size_t kHashOctets = 6;
constexpr std::size_t kDayOctets = 2;
constexpr std::int64_t kDays = 1024;   // what two digits hold
constexpr std::size_t kTagOctets = 5;  // "SRS0="

std::string hash_of(std::string_view secret, std::string_view tag, std::string_view rest) {
  std::string text(tag);
  text += to_lower_ascii(rest);
  return base::codec::base32_encode(base::crypto::hmac_sha256(secret, text)).substr(0, kHashOctets);
}

bool is_signed(std::string_view hash, std::string_view tag, std::string_view rest,
               std::span<const std::string> secrets) {
  const auto given = to_lower_ascii(hash);
  return std::ranges::any_of(secrets, [&](const std::string& secret) {
    return base::crypto::equal_in_constant_time(given, hash_of(secret, tag, rest));
  });
}

std::int64_t day_of(SystemTime now) {
  const auto days = std::chrono::floor<std::chrono::days>(now).time_since_epoch().count();
  return ((days % kDays) + kDays) % kDays;
}

std::string day_text(SystemTime now) {
  const auto day = static_cast<std::size_t>(day_of(now));
  return {kDigits[day / kDigits.size()], kDigits[day % kDigits.size()]};
}

/// How many days ago `text` was; nullopt: no day.
std::optional<std::chrono::days> age_of(std::string_view text, SystemTime now) {
  std::int64_t day = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(base::codec::to_lower_ascii(c));
    if (digit == std::string_view::npos) return std::nullopt;
    day = day * static_cast<std::int64_t>(kDigits.size()) + static_cast<std::int64_t>(digit);
  }
  const auto age = (day_of(now) - day + kDays) % kDays;
  return std::chrono::days(age == kDays - 1 ? 0 : age);  // tomorrow: by another machine's clock
}

/// Cuts what stands before the next `=`; nullopt: there is none.
std::optional<std::string_view> take_field(std::string_view& text) {
  const auto end = text.find('=');
  if (end == std::string_view::npos) return std::nullopt;
  const auto field = text.substr(0, end);
  text.remove_prefix(end + 1);
  return field;
}

bool has_tag(std::string_view local_part, std::string_view tag) {
  return local_part.size() > kTagOctets && istarts_with_ascii(local_part, tag) &&
         std::string_view("=-+").contains(local_part[kTagOctets - 1]);
}

/// What can stand in a command: to be sure that nothing else ever comes out of a local part.
std::expected<Address, SrsError> checked(Address address) {
  const auto again = wire::smtp::parse_mailbox(to_string(address));
  if (!again || *again != address || address.domain.front() == '[') return std::unexpected(SrsError::kMalformed);
  return address;
}

std::optional<Address> as_return_path(std::string local_part, std::string_view our_domain) {
  if (local_part.size() > wire::smtp::kMaxLocalPartOctets) return std::nullopt;  // RFC 5321 s4.5.3.1.1
  Address address{.local_part = std::move(local_part), .domain = std::string(our_domain)};
  if (!checked(address)) return std::nullopt;
  return address;
}

/// SRS1: keeps the first forwarder and what it wrote; those between are left out.
std::optional<Address> rewrite_again(std::string_view first_host, std::string_view its_part,
                                     std::string_view our_domain, std::string_view secret) {
  const auto rest = std::string(first_host).append("=").append(its_part);
  return as_return_path("SRS1=" + hash_of(secret, "srs1=", rest) + "=" + rest, our_domain);
}

std::expected<Address, SrsError> unwind_first(std::string_view text, std::span<const std::string> secrets,
                                              SystemTime now, Options options) {
  const auto hash = take_field(text);
  const auto rest = text;
  const auto day = hash ? take_field(text) : std::nullopt;
  const auto domain = day ? take_field(text) : std::nullopt;
  if (!domain || day->size() != kDayOctets || domain->empty()) return std::unexpected(SrsError::kMalformed);
  if (!is_signed(*hash, "srs0=", rest, secrets)) return std::unexpected(SrsError::kForged);
  const auto age = age_of(*day, now);
  if (!age) return std::unexpected(SrsError::kMalformed);
  if (*age > options.life) return std::unexpected(SrsError::kExpired);
  return checked({.local_part = std::string(text), .domain = std::string(*domain)});
}

std::expected<Address, SrsError> unwind_again(std::string_view text, std::span<const std::string> secrets) {
  const auto hash = take_field(text);
  const auto rest = text;
  const auto host = hash ? take_field(text) : std::nullopt;
  // What the first forwarder wrote after "SRS0", with its separator.
  if (!host || host->empty() || text.size() < 2 || !std::string_view("=-+").contains(text.front()))
    return std::unexpected(SrsError::kMalformed);
  if (!is_signed(*hash, "srs1=", rest, secrets)) return std::unexpected(SrsError::kForged);
  return checked({.local_part = "SRS0" + std::string(text), .domain = std::string(*host)});
}

}  // namespace

std::string_view to_string(SrsError error) {
  switch (error) {
    case SrsError::kNotSrs:
      return "not an SRS address";
    case SrsError::kMalformed:
      return "malformed SRS address";
    case SrsError::kForged:
      return "SRS address with a wrong signature";
    case SrsError::kExpired:
      return "SRS address too old";
  }
  return "unknown";
}

bool is_srs(std::string_view local_part) { return has_tag(local_part, "SRS0") || has_tag(local_part, "SRS1"); }

std::optional<Address> rewrite(const Address& sender, std::string_view our_domain, std::span<const std::string> secrets,
                               SystemTime now) {
  if (sender.domain.empty() || sender.domain.front() == '[') return std::nullopt;
  const std::string_view secret = secrets.front();
  const std::string_view local_part = sender.local_part;
  if (has_tag(local_part, "SRS0"))
    return rewrite_again(sender.domain, local_part.substr(kTagOctets - 1), our_domain, secret);
  if (has_tag(local_part, "SRS1")) {
    auto text = local_part.substr(kTagOctets);
    const auto hash = take_field(text);
    const auto host = hash ? take_field(text) : std::nullopt;
    const bool names_a_host = host && wire::smtp::check_domain(*host) && host->front() != '[';
    if (names_a_host && text.size() >= 2 && std::string_view("=-+").contains(text.front()))
      return rewrite_again(*host, text, our_domain, secret);
  }
  const auto rest = day_text(now).append("=").append(sender.domain).append("=").append(local_part);
  return as_return_path("SRS0=" + hash_of(secret, "srs0=", rest) + "=" + rest, our_domain);
}

std::expected<Address, SrsError> unwind(const Address& address, std::span<const std::string> secrets, SystemTime now,
                                        Options options) {
  const std::string_view local_part = address.local_part;
  if (has_tag(local_part, "SRS0")) return unwind_first(local_part.substr(kTagOctets), secrets, now, options);
  if (has_tag(local_part, "SRS1")) return unwind_again(local_part.substr(kTagOctets), secrets);
  return std::unexpected(SrsError::kNotSrs);
}

}  // namespace veredus::rules::srs
