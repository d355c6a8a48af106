#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "state/directory/plan.h"

namespace veredus::state::directory {

/// What several plans are made of.

/// An address of ours as somebody typed it: in normal form, with its domain, and as it is shown.
struct OurAddress {
  std::string address;
  std::string shown;
  const Domain* domain = nullptr;
};
/// Errors: kBadAddress, kNoSuchDomain.
std::expected<OurAddress, DirectoryError> our_address(const Snapshot& now, std::string_view typed);

/// Errors: kBadName.
std::expected<void, DirectoryError> check_name(std::string_view name);

/// Takes `address` out of all aliases; an alias that leads nowhere then goes too, and so on.
void drop_target(const Snapshot& now, std::string_view address, std::vector<RowChange>& rows);

/// Lets aliases that lead to `from`, or to a subaddress of it, lead to the same of `to`. All in normal form.
void replace_target(const Snapshot& now, std::string_view from, std::string_view to, std::vector<RowChange>& rows);

}  // namespace veredus::state::directory
