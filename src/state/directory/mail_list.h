#pragma once

#include <cstdint>
#include <string>
#include <string_view>
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

/// What came back of a member's copies.
struct MemberTrouble {
  std::string member;
  std::uint32_t hard = 0;  // bounces that say that no other copy will get there either
  std::uint32_t soft = 0;
  std::uint32_t complaints = 0;
  SystemTime last;
  std::string reason;      // of the last, for people
  bool suspended = false;  // gets no mail of the list until an administrator or moderator lets him join again
  friend bool operator==(const MemberTrouble&, const MemberTrouble&) = default;
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
  std::vector<MemberTrouble> troubles = {};  // of members alone; sorted
  friend bool operator==(const MailList&, const MailList&) = default;
};

/// The member's; nullptr: nothing came back.
const MemberTrouble* trouble_of(const MailList& list, std::string_view member);

/// What follows a list's local part in its other addresses.
constexpr std::string_view kBouncesSuffix = "-bounces";
constexpr std::string_view kOwnerSuffix = "-owner";

}  // namespace veredus::state::directory
