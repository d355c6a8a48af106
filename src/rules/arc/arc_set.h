#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/dkim/signature.h"
#include "wire/mime/header_block.h"

namespace veredus::rules::arc {

/// What a sealer found of the chain before it: cv=.
enum class ChainWord : std::uint8_t { kNone, kPass, kFail };

/// ARC-Seal. Source: RFC 8617 s4.1.3.
struct Seal {
  unsigned instance = 0;
  ChainWord chain = ChainWord::kNone;
  dkim::Signature signature;  // of its fields: algorithm, domain, selector, signature
};

/// What one hop added. Source: RFC 8617 s4.2.
struct ArcSet {
  wire::mime::Field results;
  wire::mime::Field message_signature;
  wire::mime::Field seal;
  dkim::Signature signature;  // ARC-Message-Signature
  Seal parsed_seal;
};

constexpr unsigned kMostSets = 50;  // RFC 8617 s5.1.1.1.1

/// Reads the sets of a header, instance 1 first; empty: there are none. The error is what is wrong, in words.
/// Source: RFC 8617 s5.2, steps 1 to 3.
std::expected<std::vector<ArcSet>, std::string> collect_sets(const std::vector<wire::mime::Field>& fields);

/// i= of a field, when it is one of the three and has one.
std::optional<unsigned> instance_of(const wire::mime::Field& field);

/// The fields a seal of instance `last` covers, in canonical form: all sets up to it, its own seal not in it. Source:
/// RFC 8617 s5.1.1.
std::string sealed_fields(const std::vector<ArcSet>& sets, std::size_t last);

/// A seal's signature in canonical form: the value of b= taken out.
std::string canonical_seal(const wire::mime::Field& seal);

}  // namespace veredus::rules::arc
