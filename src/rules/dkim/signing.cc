#include "rules/dkim/signing.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "rules/dkim/signed_fields.h"
#include "rules/dkim/tag_layout.h"

namespace veredus::rules::dkim {

namespace codec = base::codec;
namespace crypto = base::crypto;

namespace {

std::string_view word(Canonical canonical) { return canonical == Canonical::kSimple ? "simple" : "relaxed"; }

std::string seconds_of(SystemTime time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count());
}

}  // namespace

std::string canonical_words(const SigningOptions& options) {
  return std::string(word(options.header)) + '/' + std::string(word(options.body));
}

std::vector<std::string> fields_to_sign(const std::vector<wire::mime::Field>& fields, const SigningOptions& options) {
  std::vector<std::string> out;
  const auto present = [&fields](const std::string& name) {
    return std::ranges::count_if(fields, [&](const auto& field) { return codec::iequals_ascii(field.name, name); });
  };
  for (const auto& name : options.fields) out.insert(out.end(), static_cast<std::size_t>(present(name)), name);
  out.insert(out.end(), options.oversigned.begin(), options.oversigned.end());
  return out;
}

std::string joined_names(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) {
    if (!out.empty()) out += ':';
    out += codec::to_lower_ascii(name);
  }
  return out;
}

std::string_view algorithm_word(const crypto::PrivateKey& key) {
  return key.kind() == crypto::KeyKind::kRsa ? "rsa-sha256" : "ed25519-sha256";
}

std::string sign(std::string_view header, std::string_view body_digest, const SigningName& name,
                 const crypto::PrivateKey& key, const SigningOptions& options, SystemTime now) {
  const auto fields = wire::mime::read_fields(header);
  const auto names = fields_to_sign(fields, options);
  Tags tags{{"v", "1"}, {"a", std::string(algorithm_word(key))}};
  tags.emplace_back("c", canonical_words(options));
  tags.emplace_back("d", name.domain);
  if (!name.identity.empty()) tags.emplace_back("i", name.identity);
  tags.emplace_back("s", name.selector);
  tags.emplace_back("t", seconds_of(now));
  if (options.lifetime) tags.emplace_back("x", seconds_of(now + *options.lifetime));
  tags.emplace_back("h", joined_names(names));
  tags.emplace_back("bh", codec::base64_encode(body_digest));
  tags.emplace_back("b", "");
  std::string field = lay_out_tags("DKIM-Signature", tags);
  const auto unsigned_field = wire::mime::read_fields(field).front();
  set_signature(field, key.sign(signed_digest(fields, names, unsigned_field, options.header)), Folds::kInside);
  return field + "\r\n";
}

}  // namespace veredus::rules::dkim
