#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct psl_ctx_st;

namespace veredus::rules::dmarc {

/// Which names are open for registration, of the public suffix list: how RFC 7489 s3.2 found organizational domains.
/// Immutable; may be used by several threads at once.
class PublicSuffixes {
 public:
  /// The list that came with the library.
  static const PublicSuffixes& built_in();
  /// A list in its usual text form; nullopt: there is none, or it cannot be read.
  static std::optional<PublicSuffixes> load(const std::string& path);

  /// The registered domain of a name: "example.co.uk" of "mail.example.co.uk". Names may be U-labels or A-labels; the
  /// answer is in A-labels, lower case. nullopt: the name is a public suffix itself, or no name.
  [[nodiscard]] std::optional<std::string> registered_domain(std::string_view name) const;

 private:
  explicit PublicSuffixes(std::shared_ptr<const psl_ctx_st> list) : list_(std::move(list)) {}

  std::shared_ptr<const psl_ctx_st> list_;
};

}  // namespace veredus::rules::dmarc
