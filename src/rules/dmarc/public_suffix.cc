#include "rules/dmarc/public_suffix.h"

#include <libpsl.h>

#include <utility>

#include "base/codec/idna.h"

namespace veredus::rules::dmarc {

const PublicSuffixes& PublicSuffixes::built_in() {
  static const PublicSuffixes list(std::shared_ptr<const psl_ctx_st>(psl_builtin(), [](const psl_ctx_st*) {}));
  return list;
}

std::optional<PublicSuffixes> PublicSuffixes::load(const std::string& path) {
  psl_ctx_t* const list = psl_load_file(path.c_str());
  if (list == nullptr) return std::nullopt;
  return PublicSuffixes(
      std::shared_ptr<const psl_ctx_st>(list, [](const psl_ctx_st* l) { psl_free(const_cast<psl_ctx_st*>(l)); }));
}

std::optional<std::string> PublicSuffixes::registered_domain(std::string_view name) const {
  if (name.starts_with('.')) return std::nullopt;
  const auto ascii = base::codec::to_ascii(name);
  if (!ascii || list_ == nullptr) return std::nullopt;
  const char* const found = psl_registrable_domain(list_.get(), ascii->c_str());
  if (found == nullptr) return std::nullopt;
  return std::string(found);
}

}  // namespace veredus::rules::dmarc
