#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/codec/ip_address.h"
#include "rules/spf/macro.h"

namespace veredus::rules::spf {

enum class Mechanism : std::uint8_t { kAll, kInclude, kA, kMx, kPtr, kIp4, kIp6, kExists };

/// RFC 7208 s4.6.2.
enum class Qualifier : std::uint8_t { kPass, kFail, kSoftfail, kNeutral };

struct Directive {
  Qualifier qualifier = Qualifier::kPass;
  Mechanism mechanism = Mechanism::kAll;
  std::optional<MacroString> domain;  // nullopt: the domain being looked at
  base::codec::IpAddress network;     // ip4, ip6
  unsigned bits4 = 32;                // prefix lengths for a, mx, ip4, ip6
  unsigned bits6 = 128;
  std::string text;  // as published, for people
};

/// A policy, as published. Source: RFC 7208 s3, s12.
struct Record {
  std::vector<Directive> directives;  // in order
  std::optional<MacroString> redirect;
  std::optional<MacroString> explanation;
};

enum class RecordError : std::uint8_t {
  kNotAscii,
  kUnknownMechanism,
  kDomain,   // a domain-spec that is none, or is missing, or stands where none may
  kAddress,  // of ip4 or ip6
  kPrefix,   // a prefix length
  kModifier,
  kRepeated,  // redirect or exp more than once
};
[[nodiscard]] std::string_view to_string(RecordError error);

struct BadTerm {
  RecordError error;
  std::string term;
};

/// Whether a TXT record is an SPF policy at all: "v=spf1" and a space or the end, any case. Source: RFC 7208 s4.5.
[[nodiscard]] bool is_spf(std::string_view text);

/// Reads one for which is_spf() holds. The whole record is looked at before anything is evaluated (RFC 7208 s4.6).
std::expected<Record, BadTerm> parse_record(std::string_view text);

/// parse_record(), what it said remembered by each thread.
std::shared_ptr<const std::expected<Record, BadTerm>> known_record(std::string_view text);

}  // namespace veredus::rules::spf
