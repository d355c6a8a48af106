#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"

namespace veredus::state::directory {

struct ListLimits {
  static constexpr std::size_t members = 5'000;
  static constexpr std::size_t moderators = 50;
};

/// Who may post to a list. On disk, do not renumber.
enum class Posting : std::uint8_t {
  kAnyone = 0,
  kMembers = 1,     // and moderators
  kModerators = 2,  // announcements
};

/// An address whose mail goes to its members, with the list's own return path and List-* fields. Its moderators get the
/// bounces (`name-bounces@…`) and what is written to `name-owner@…`. All addresses in normal form.
struct MailList {
  std::string address;
  DomainId domain;
  std::string name;                     // for people, UTF-8; may be empty
  std::vector<std::string> members;     // here or elsewhere, other lists included; sorted
  std::vector<std::string> moderators;  // never empty; sorted
  Posting posting = Posting::kMembers;
  bool moderated = false;  // what others post goes to the moderators; else it is refused
  SystemTime created;
  friend bool operator==(const MailList&, const MailList&) = default;
};

/// What follows a list's local part in its other addresses.
constexpr std::string_view kBouncesSuffix = "-bounces";
constexpr std::string_view kOwnerSuffix = "-owner";

}  // namespace veredus::state::directory
