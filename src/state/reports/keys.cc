#include "state/reports/keys.h"

#include <chrono>
#include <utility>

#include "base/crypto/digest.h"
#include "base/types/bytes.h"

namespace veredus::state::reports {
namespace {

constexpr std::uint8_t kEndVersion = 1;

std::string key_of(char prefix, const Subject& subject) {
  std::string out(1, prefix);
  put_be(out, std::to_underlying(subject.stream));
  return out += subject.domain;
}

}  // namespace

io::engine::Partition partition_of(SystemTime begin) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(begin).time_since_epoch().count();
  return {.kind = io::engine::Kind::kReports, .id = static_cast<std::uint64_t>(seconds)};
}

SystemTime begin_of(std::uint64_t partition) {
  return SystemTime(std::chrono::seconds(static_cast<std::int64_t>(partition)));
}

std::string hash_of(std::string_view octets) { return base::crypto::sha256(octets).substr(0, kHashOctets); }

std::string subject_key(const Subject& subject) { return key_of(kSubjectPrefix, subject); }

std::optional<Subject> subject_of(std::string_view key) {
  if (key.size() < 3 || key[0] != kSubjectPrefix) return std::nullopt;
  const auto stream = static_cast<Stream>(key[1]);
  if (stream != Stream::kDmarc && stream != Stream::kTls) return std::nullopt;
  return Subject{.stream = stream, .domain = std::string(key.substr(2))};
}

std::string policy_key(const Subject& subject) { return key_of(kPolicyPrefix, subject); }
// No domain has these two octets: a name of which another is the beginning stays apart from it.
std::string rows_low(char prefix, const Subject& subject) { return key_of(prefix, subject) + '\0'; }
std::string rows_high(char prefix, const Subject& subject) { return key_of(prefix, subject) + '\1'; }

std::string row_key(const Subject& subject, std::string_view hash) {
  return rows_low(kRowPrefix, subject).append(hash);
}
std::string number_key(const Subject& subject, std::string_view hash) {
  return rows_low(kNumberPrefix, subject).append(hash);
}
std::string sent_key(const Subject& subject, std::string_view hash) {
  return rows_low(kSentPrefix, subject).append(hash);
}

std::string encode_end(SystemTime end) {
  std::string out;
  put_be(out, kEndVersion);
  put_be(out, static_cast<std::uint64_t>(end.time_since_epoch().count()));
  return out;
}

std::optional<SystemTime> decode_end(std::string_view octets) {
  ByteReader in(octets);
  if (in.take_be<std::uint8_t>() != kEndVersion) return std::nullopt;
  const auto count = in.take_be<std::uint64_t>();
  if (!count || !in.empty()) return std::nullopt;
  return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(*count)));
}

std::string identity_key(std::string_view hash) { return std::string(1, 'i').append(hash); }

std::string received_key(SystemTime received, std::string_view hash) {
  std::string out(1, 't');
  put_be(out, static_cast<std::uint64_t>(received.time_since_epoch().count()));
  return out.append(hash);
}

std::string document_key(std::string_view hash, std::uint32_t chunk) {
  std::string out = std::string(1, 'x').append(hash);
  put_be(out, chunk);
  return out;
}

std::string hash_in(std::string_view received_key) {
  return received_key.size() == 1 + 8 + kHashOctets ? std::string(received_key.substr(9)) : std::string();
}

}  // namespace veredus::state::reports
