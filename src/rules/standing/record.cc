#include "rules/standing/record.h"

#include "base/codec/ascii.h"
#include "base/types/bytes.h"

namespace veredus::rules::standing {

using base::codec::IpAddress;

namespace {

constexpr std::uint8_t kFormat = 1;  // on disk: the first octet of a row
constexpr unsigned kNetworkBits = 24;
constexpr unsigned kNetworkBitsV6 = 48;
constexpr std::size_t kMostDomainOctets = 255;
constexpr std::uint64_t kLastTime = 7'258'118'400'000;  // the year 2200, in milliseconds

void put_time(std::string& row, SystemTime time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  put_be(row, static_cast<std::uint64_t>(since.count()));
}

std::optional<SystemTime> take_time(ByteReader& in) {
  const auto since = in.take_be<std::uint64_t>();
  if (!since || *since > kLastTime) return std::nullopt;
  return SystemTime(std::chrono::milliseconds(*since));
}

std::optional<bool> take_flag(ByteReader& in) {
  const auto flag = in.take_be<std::uint8_t>();
  if (!flag || *flag > 1) return std::nullopt;
  return *flag == 1;
}

IpAddress network_of(IpAddress address) {
  const auto kept = (address.family == IpAddress::Family::kV4 ? kNetworkBits : kNetworkBitsV6) / 8;
  for (std::size_t i = kept; i < address.octets.size(); ++i) address.octets[i] = 0;
  return address;
}

std::string number_of(std::uint64_t count, std::string_view one, std::string_view many) {
  return std::to_string(count) + " " + std::string(count == 1 ? one : many);
}

}  // namespace

std::string key_of(std::string_view authenticated_domain, const IpAddress& client) {
  if (authenticated_domain.empty()) return "n" + to_string(network_of(client));
  return "d" + base::codec::to_lower_ascii(authenticated_domain.substr(0, kMostDomainOctets));
}

void count(Record& record, Outcome outcome, SystemTime now) {
  if (record.is_new()) record.first_seen = now;
  record.last_seen = now;
  switch (outcome) {
    case Outcome::kAccepted:
      ++record.accepted;
      break;
    case Outcome::kJunk:
      ++record.junk;
      break;
    case Outcome::kRefused:
      ++record.refused;
      break;
    case Outcome::kPutOff:
      ++record.put_off;
      break;
  }
}

std::optional<std::chrono::seconds> greylist(Record& record, const GreylistOptions& options, SystemTime now) {
  const bool is_known = !record.put_off_at && (record.came_back || record.accepted != 0);
  if (is_known && now - record.last_seen <= options.remember) return std::nullopt;
  record.came_back = false;
  const bool begins = !record.put_off_at || now < *record.put_off_at || now - *record.put_off_at > options.come_back;
  if (begins) record.put_off_at = now;
  const auto left = std::chrono::ceil<std::chrono::seconds>(*record.put_off_at + options.delay - now);
  if (left.count() > 0) return left;
  record.put_off_at.reset();
  record.came_back = true;
  return std::nullopt;
}

std::string in_words(const Record& record, SystemTime now) {
  if (record.is_new()) return "not known before";
  const auto days = std::chrono::duration_cast<std::chrono::days>(now - record.first_seen).count();
  auto out = "known for " + number_of(static_cast<std::uint64_t>(days < 0 ? 0 : days), "day", "days") + ", " +
             number_of(record.accepted + record.junk, "message", "messages");
  if (record.junk != 0) out += ", " + std::to_string(record.junk) + " junk";
  if (record.refused != 0) out += ", " + std::to_string(record.refused) + " refused";
  return out;
}

std::string encode(const Record& record) {
  std::string row(1, static_cast<char>(kFormat));
  put_time(row, record.first_seen);
  put_time(row, record.last_seen);
  put_be(row, static_cast<std::uint8_t>(record.put_off_at ? 1 : 0));
  if (record.put_off_at) put_time(row, *record.put_off_at);
  put_be(row, static_cast<std::uint8_t>(record.came_back ? 1 : 0));
  for (const auto number : {record.accepted, record.junk, record.refused, record.put_off}) put_varint(row, number);
  return row;
}

std::optional<Record> decode(std::string_view row) {
  ByteReader in(row);
  if (in.take_be<std::uint8_t>() != kFormat) return std::nullopt;
  Record record;
  const auto first = take_time(in);
  const auto last = first ? take_time(in) : std::nullopt;
  const auto waits = last ? take_flag(in) : std::nullopt;
  if (!waits) return std::nullopt;
  if (*waits) {
    record.put_off_at = take_time(in);
    if (!record.put_off_at) return std::nullopt;
  }
  const auto back = take_flag(in);
  if (!back) return std::nullopt;
  for (auto* number : {&record.accepted, &record.junk, &record.refused, &record.put_off}) {
    const auto value = in.take_varint();
    if (!value) return std::nullopt;
    *number = *value;
  }
  if (!in.empty()) return std::nullopt;
  record.first_seen = *first;
  record.last_seen = *last;
  record.came_back = *back;
  return record;
}

}  // namespace veredus::rules::standing
