#include "rules/arc/arc_set.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/idna.h"
#include "rules/dkim/signed_fields.h"
#include "rules/dkim/tag_list.h"

namespace veredus::rules::arc {

namespace codec = base::codec;
using base::crypto::KeyKind;
using dkim::Canonical;
using dkim::TagList;
using wire::mime::Field;

namespace {

/// The three fields of one instance, as far as they were found.
struct Slot {
  std::array<const Field*, 3> fields{};  // results, message signature, seal
};

std::optional<std::size_t> part_of(std::string_view name) {
  if (codec::iequals_ascii(name, "ARC-Authentication-Results")) return 0;
  if (codec::iequals_ascii(name, "ARC-Message-Signature")) return 1;
  if (codec::iequals_ascii(name, "ARC-Seal")) return 2;
  return std::nullopt;
}

std::optional<unsigned> number(std::string_view text) {
  unsigned out = 0;
  const auto* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, out);
  if (text.empty() || stopped != end || error != std::errc()) return std::nullopt;
  return out;
}

/// i= of any of the three. Of the results it stands first, before what is no tag list (RFC 8617 s4.1.1).
std::optional<unsigned> instance_of(std::size_t part, const Field& field) {
  if (part == 0) {
    const auto end = field.value.find(';');  // arc-info = instance [CFWS] ";" authres-payload
    if (end == std::string_view::npos) return std::nullopt;
    const auto first = field.value.substr(0, end);
    const auto sign = first.find('=');
    if (sign == std::string_view::npos || codec::trim_ascii(first.substr(0, sign)) != "i") return std::nullopt;
    return number(codec::trim_ascii(first.substr(sign + 1)));
  }
  const auto tags = TagList::parse(field.value);
  return tags ? number(tags->find("i").value_or("")) : std::nullopt;
}

std::optional<ChainWord> chain_word(std::string_view text) {
  if (codec::iequals_ascii(text, "none")) return ChainWord::kNone;
  if (codec::iequals_ascii(text, "pass")) return ChainWord::kPass;
  if (codec::iequals_ascii(text, "fail")) return ChainWord::kFail;
  return std::nullopt;
}

std::expected<Seal, std::string> parse_seal(const Field& field) {
  const auto tags = TagList::parse(field.value);
  if (!tags) return std::unexpected("an ARC-Seal is malformed");
  // RFC 8617 s4.1.3: what it covers is fixed
  if (tags->find("h") || tags->find("bh")) return std::unexpected("an ARC-Seal has tags that it must not have");
  Seal out;
  const auto word = chain_word(tags->find("cv").value_or(""));
  if (!word) return std::unexpected("an ARC-Seal does not say what it found");
  out.chain = *word;
  const auto algorithm = tags->find("a").value_or("");
  if (codec::iequals_ascii(algorithm, "ed25519-sha256"))
    out.signature.algorithm = KeyKind::kEd25519;
  else if (!codec::iequals_ascii(algorithm, "rsa-sha256"))
    return std::unexpected("an ARC-Seal's algorithm is unknown");
  auto octets = codec::base64_decode(dkim::without_white_space(tags->find("b").value_or("")));
  auto domain = codec::to_ascii(tags->find("d").value_or(""));
  auto selector = codec::to_ascii(tags->find("s").value_or(""));
  if (!octets || octets->empty() || !domain || !selector)
    return std::unexpected("an ARC-Seal lacks a tag, or has a malformed one");
  if (const auto time = tags->find("t"); time && (time->empty() || !std::ranges::all_of(*time, codec::is_digit)))
    return std::unexpected("an ARC-Seal's time is malformed");
  out.signature.signature = *std::move(octets);
  out.signature.domain = *std::move(domain);
  out.signature.selector = *std::move(selector);
  return out;
}

std::expected<std::vector<Slot>, std::string> sort_fields(const std::vector<Field>& fields) {
  std::vector<Slot> slots;
  for (const auto& field : fields) {
    const auto part = part_of(field.name);
    if (!part) continue;
    const auto instance = instance_of(*part, field);
    if (!instance || *instance == 0 || *instance > kMostSets)
      return std::unexpected("an ARC field has no instance that could be one");
    if (slots.size() < *instance) slots.resize(*instance);
    auto& place = slots[*instance - 1].fields[*part];
    if (place != nullptr) return std::unexpected("an ARC field stands twice in one set");
    place = &field;
  }
  return slots;
}

std::expected<ArcSet, std::string> read_set(const Slot& slot, unsigned instance) {
  if (std::ranges::find(slot.fields, nullptr) != slot.fields.end())
    return std::unexpected("an ARC set is not complete");
  ArcSet out{.results = *slot.fields[0],
             .message_signature = *slot.fields[1],
             .seal = *slot.fields[2],
             .signature = {},
             .parsed_seal = {}};
  auto signature = dkim::parse_arc_message_signature(out.message_signature.value);
  if (!signature) return std::unexpected("ARC-Message-Signature: " + std::string(to_string(signature.error())));
  out.signature = *std::move(signature);
  auto seal = parse_seal(out.seal);
  if (!seal) return std::unexpected(seal.error());
  out.parsed_seal = *std::move(seal);
  out.parsed_seal.instance = instance;
  return out;
}

}  // namespace

std::expected<std::vector<ArcSet>, std::string> collect_sets(const std::vector<Field>& fields) {
  const auto slots = sort_fields(fields);
  if (!slots) return std::unexpected(slots.error());
  std::vector<ArcSet> out;
  for (const auto& slot : *slots) {
    auto set = read_set(slot, static_cast<unsigned>(out.size()) + 1);
    if (!set) return std::unexpected(set.error());
    out.push_back(*std::move(set));
  }
  return out;
}

std::optional<unsigned> instance_of(const Field& field) {
  const auto part = part_of(field.name);
  return part ? instance_of(*part, field) : std::nullopt;
}

std::string sealed_fields(const std::vector<ArcSet>& sets, std::size_t last) {
  std::string out;
  for (std::size_t i = 0; i <= last; ++i) {
    append_canonical(out, sets[i].results, Canonical::kRelaxed);
    append_canonical(out, sets[i].message_signature, Canonical::kRelaxed);
    if (i < last) append_canonical(out, sets[i].seal, Canonical::kRelaxed);
  }
  return out;
}

std::string canonical_seal(const Field& seal) { return canonical_signature_field(seal, Canonical::kRelaxed); }

}  // namespace veredus::rules::arc
