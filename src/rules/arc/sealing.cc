#include "rules/arc/sealing.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/crypto/digest.h"
#include "rules/dkim/signed_fields.h"
#include "rules/dkim/tag_layout.h"
#include "rules/dkim/tag_list.h"

namespace veredus::rules::arc {

namespace codec = base::codec;
namespace crypto = base::crypto;
using wire::mime::Field;

namespace {

/// What all three fields of the new set say.
struct Stamp {
  std::string instance;
  std::string time;
  std::string algorithm;
  const dkim::SigningName* name;
  const crypto::PrivateKey* key;
};

/// Fields as one text, and the views into it.
struct Read {
  explicit Read(std::string whole) : text(std::move(whole)), fields(wire::mime::read_fields(text)) {}
  Read(const Read&) = delete;
  Read& operator=(const Read&) = delete;
  ~Read() = default;

  std::string text;
  std::vector<Field> fields;
};

std::string message_signature(std::string_view header, std::string_view body_digest, const Stamp& stamp,
                              const dkim::SigningOptions& options) {
  const auto fields = wire::mime::read_fields(header);
  const auto names = dkim::fields_to_sign(fields, options);
  std::string field = dkim::lay_out_tags("ARC-Message-Signature", {{"a", stamp.algorithm},
                                                                   {"b", ""},
                                                                   {"bh", codec::base64_encode(body_digest)},
                                                                   {"c", dkim::canonical_words(options)},
                                                                   {"d", stamp.name->domain},
                                                                   {"h", dkim::joined_names(names)},
                                                                   {"i", stamp.instance},
                                                                   {"s", stamp.name->selector},
                                                                   {"t", stamp.time}});
  const auto digest = dkim::signed_digest(fields, names, wire::mime::read_fields(field).front(), options.header);
  dkim::set_signature(field, stamp.key->sign(digest), dkim::Folds::kNone);
  return field + "\r\n";
}

/// Seals the older sets and the two new fields. A broken chain's seal covers its own set alone (RFC 8617 s5.1.2).
std::string seal_of(const std::vector<ArcSet>& older, const Field& results, const Field& signature, Result chain,
                    const Stamp& stamp) {
  std::string field = dkim::lay_out_tags("ARC-Seal", {{"a", stamp.algorithm},
                                                      {"b", ""},
                                                      {"cv", std::string(to_string(chain))},
                                                      {"d", stamp.name->domain},
                                                      {"i", stamp.instance},
                                                      {"s", stamp.name->selector},
                                                      {"t", stamp.time}});
  std::string sealed;
  if (chain != Result::kFail) {
    if (!older.empty()) sealed = sealed_fields(older, older.size() - 1);
    if (!older.empty()) append_canonical(sealed, older.back().seal, dkim::Canonical::kRelaxed);
  }
  append_canonical(sealed, results, dkim::Canonical::kRelaxed);
  append_canonical(sealed, signature, dkim::Canonical::kRelaxed);
  crypto::Sha256 hash;
  hash.update(sealed);
  hash.update(canonical_seal(wire::mime::read_fields(field).front()));
  dkim::set_signature(field, stamp.key->sign(hash.finish()), dkim::Folds::kNone);
  return field + "\r\n";
}

/// The highest instance that any ARC field names, also in a chain that is malformed.
unsigned highest_instance(const std::vector<Field>& fields) {
  unsigned out = 0;
  for (const auto& field : fields) out = std::max(out, instance_of(field).value_or(0));
  return out;
}

/// Whether the last seal says that the chain is broken, whatever else is wrong with the chain.
bool ends_broken(const std::vector<Field>& fields, unsigned last) {
  return std::ranges::any_of(fields, [last](const Field& field) {
    if (!codec::iequals_ascii(field.name, "ARC-Seal") || instance_of(field) != last) return false;
    const auto tags = dkim::TagList::parse(field.value);
    return tags && codec::iequals_ascii(tags->find("cv").value_or(""), "fail");
  });
}

}  // namespace

SealingOptions::SealingOptions() {
  signing.fields.emplace_back("DKIM-Signature");
  signing.oversigned.clear();
}

std::string seal(std::string_view header, std::string_view body_digest, Result chain, std::string_view results,
                 const dkim::SigningName& name, const crypto::PrivateKey& key, const SealingOptions& options,
                 SystemTime now) {
  const auto fields = wire::mime::read_fields(header);
  const auto older = collect_sets(fields);
  const unsigned last = highest_instance(fields);
  if (last >= kMostSets || ends_broken(fields, last)) return {};  // RFC 8617 s5.1
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  const Stamp stamp{.instance = std::to_string(last + 1),
                    .time = std::to_string(seconds),
                    .algorithm = std::string(dkim::algorithm_word(key)),
                    .name = &name,
                    .key = &key};
  const Read own(message_signature(header, body_digest, stamp, options.signing) +
                 "ARC-Authentication-Results: i=" + stamp.instance + "; " + std::string(results) + "\r\n");
  const std::vector<ArcSet> none;
  return seal_of(older ? *older : none, own.fields[1], own.fields[0], chain, stamp) + own.text;
}

}  // namespace veredus::rules::arc
