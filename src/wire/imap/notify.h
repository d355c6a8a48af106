#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/imap/fetch_item.h"

namespace veredus::wire::imap {

/// Which mailboxes an event group is about (RFC 5465 s6).
enum class NotifyFilter : std::uint8_t {
  kSelected,
  kSelectedDelayed,
  kInboxes,
  kPersonal,
  kSubscribed,
  kSubtree,    // `mailboxes` and all below them
  kMailboxes,  // `mailboxes`
};

/// RFC 5465 s5. Annotation events are read and need not be served.
struct NotifyEvents {
  bool message_new = false;
  bool message_expunge = false;
  bool flag_change = false;
  bool annotation_change = false;
  bool mailbox_name = false;
  bool subscription_change = false;
  bool mailbox_metadata_change = false;
  bool server_metadata_change = false;
  friend bool operator==(const NotifyEvents&, const NotifyEvents&) = default;
};

/// The response code where an event is not offered: those that are (RFC 5465 s5).
inline constexpr std::string_view kBadEventCode =
    "BADEVENT (MessageNew MessageExpunge FlagChange MailboxName SubscriptionChange MailboxMetadataChange "
    "ServerMetadataChange)";

struct NotifyGroup {
  NotifyFilter filter{};
  std::vector<std::string> mailboxes{};  // UTF-8
  NotifyEvents events{};                 // none: NONE
  std::vector<FetchItem> new_items{};    // of MessageNew, for kSelected and kSelectedDelayed
  friend bool operator==(const NotifyGroup&, const NotifyGroup&) = default;
};

/// NOTIFY NONE: no groups. NOTIFY SET.
struct Notify {
  bool status = false;  // STATUS of each mailbox first
  std::vector<NotifyGroup> groups{};
  friend bool operator==(const Notify&, const Notify&) = default;
};

}  // namespace veredus::wire::imap
