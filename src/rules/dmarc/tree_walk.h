#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rules/dmarc/record.h"
#include "rules/inquiry/inquiry.h"

namespace veredus::rules::dmarc {

/// What stands at _dmarc.domain.
struct Published {
  std::shared_ptr<const Record> record;  // nullptr: there is none
  bool failed = false;                   // DNS does not answer
  std::string problem;                   // why what stands there is no record
};

/// A record met on the way up.
struct Met {
  std::string domain;
  std::shared_ptr<const Record> record;
};

/// Looks for policy records, each name once.
class TreeWalk {
 public:
  /// Stands as long as this.
  inquiry::Inquiry<const Published*> look_at(std::string domain);
  /// The records at `domain` and above it, the lowest first. Ends at one that says where the organization's domain is.
  /// Source: RFC 9989 s4.10.
  inquiry::Inquiry<std::vector<Met>> up_from(std::string domain);

  /// Whether DNS did not answer for a name below `domain`; "": for any.
  [[nodiscard]] bool failed_below(const std::string& domain) const;

 private:
  std::map<std::string, Published> seen_;
};

/// The organizational domain of `domain`, as the records met say; nullopt: there are none. Source: RFC 9989 s4.10.2.
std::optional<std::string> organization_of(const std::string& domain, const std::vector<Met>& met);

}  // namespace veredus::rules::dmarc
