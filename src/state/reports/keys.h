#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "io/engine/batch.h"
#include "state/reports/tally.h"

/// Partitions and keys: docs/formats/reports.md.
namespace veredus::state::reports {

constexpr std::uint64_t kReceivedPartition = 0;
constexpr std::uint64_t kFirstPeriod = 1;
constexpr std::size_t kHashOctets = 16;
constexpr std::size_t kMostDomainOctets = 255;  // RFC 1035 s2.3.4

constexpr std::string_view kEndKey = "h";
constexpr char kSubjectPrefix = 'd';
constexpr char kPolicyPrefix = 'p';
constexpr char kNumberPrefix = 'n';
constexpr char kRowPrefix = 'r';
constexpr char kSentPrefix = 's';

/// A period's partition is the second it begins with, since 1970.
[[nodiscard]] io::engine::Partition partition_of(SystemTime begin);
[[nodiscard]] SystemTime begin_of(std::uint64_t partition);

/// The first 16 octets of SHA-256.
[[nodiscard]] std::string hash_of(std::string_view octets);

[[nodiscard]] std::string subject_key(const Subject& subject);
[[nodiscard]] std::optional<Subject> subject_of(std::string_view key);
[[nodiscard]] std::string policy_key(const Subject& subject);
/// Rows of one prefix and subject are in [low, high), each under the low key and a hash.
[[nodiscard]] std::string rows_low(char prefix, const Subject& subject);
[[nodiscard]] std::string rows_high(char prefix, const Subject& subject);
[[nodiscard]] std::string row_key(const Subject& subject, std::string_view hash);
[[nodiscard]] std::string number_key(const Subject& subject, std::string_view hash);
[[nodiscard]] std::string sent_key(const Subject& subject, std::string_view hash);

[[nodiscard]] std::string encode_end(SystemTime end);
[[nodiscard]] std::optional<SystemTime> decode_end(std::string_view octets);

// Of received reports.
[[nodiscard]] std::string identity_key(std::string_view hash);
[[nodiscard]] std::string received_key(SystemTime received, std::string_view hash);
[[nodiscard]] std::string document_key(std::string_view hash, std::uint32_t chunk);
/// The hash at the end of a received_key.
[[nodiscard]] std::string hash_in(std::string_view received_key);

}  // namespace veredus::state::reports
