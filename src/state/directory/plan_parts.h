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

/// A target as somebody typed it: in normal form where the domain is ours; else only the domain is, for the local part
/// is the other host's to read. Errors: kBadAddress.
std::expected<std::string, DirectoryError> normal_target(const Snapshot& now, std::string_view typed);

/// The same for several, each once and in the order given.
std::expected<std::vector<std::string>, DirectoryError> normal_targets(const Snapshot& now,
                                                                       const std::vector<std::string>& typed);

/// Whether an account, an alias or a list has this address.
bool is_taken(const Snapshot& now, std::string_view address);

/// Whether each target that is in a domain of ours leads to somebody, in `then`, the directory as it would be.
std::expected<void, DirectoryError> check_targets(const Snapshot& then, const std::vector<std::string>& targets);

/// Takes `address` out of all aliases, lists and forwards; one that leads nowhere then goes too, and so on. A list
/// always keeps a moderator: the last one stays, as an address that is nobody's.
void drop_target(const Snapshot& now, std::string_view address, std::vector<RowChange>& rows);

/// Lets aliases, lists and forwards that lead to `from`, or to a subaddress of it, lead to the same of `to`. All in
/// normal form.
void replace_target(const Snapshot& now, std::string_view from, std::string_view to, std::vector<RowChange>& rows);

}  // namespace veredus::state::directory
