#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "wire/imap/account_commands.h"
#include "wire/imap/append.h"
#include "wire/imap/fetch_item.h"
#include "wire/imap/flag.h"
#include "wire/imap/list.h"
#include "wire/imap/notify.h"
#include "wire/imap/search_key.h"
#include "wire/imap/sequence_set.h"
#include "wire/imap/sort.h"
#include "wire/imap/status_item.h"

namespace veredus::wire::imap {

// Names of mailboxes are UTF-8, as sent but for modified UTF-7; INBOX in any case.

struct Capability {};
struct Noop {};
struct Logout {};
struct StartTls {};
struct Namespace {};
struct Idle {};  // what follows is one line: is_done()
struct Check {};
struct Close {};
struct Unselect {};
struct Unauthenticate {};  // RFC 8437

/// RFC 2971; no pairs for NIL.
struct Id {
  std::vector<std::pair<std::string, std::optional<std::string>>> fields{};
};
struct Authenticate {
  std::string mechanism{};                        // in capitals
  std::optional<std::string> initial_response{};  // base64 as sent, or "=" (RFC 4959 s3)
};
struct Login {
  std::string user{};
  std::string password{};
};
struct Enable {
  std::vector<std::string> extensions{};  // in capitals; unknown ones too
};
struct Compress {
  std::string algorithm{};  // in capitals (RFC 4978)
};

/// RFC 7162 s3.2.5
struct QresyncParam {
  std::uint32_t uid_validity = 0;
  std::uint64_t modseq = 0;
  std::optional<SequenceSet> known_uids{};                              // without `*`
  std::optional<std::pair<SequenceSet, SequenceSet>> sequence_match{};  // numbers, UIDs; ascending, of equal size
};
struct Select {
  std::string mailbox{};
  bool read_only = false;  // EXAMINE
  bool condstore = false;
  std::optional<QresyncParam> qresync{};
};
struct Create {
  std::string mailbox{};
  std::vector<std::string> special_use{};  // "\Sent" (RFC 6154 s3)
};
struct Delete {
  std::string mailbox{};
};
struct Rename {
  std::string from{};
  std::string to{};
};
struct Subscribe {
  std::string mailbox{};
};
struct Unsubscribe {
  std::string mailbox{};
};
struct Expunge {
  std::optional<SequenceSet> uids{};  // UID EXPUNGE (RFC 4315 s2.1)
};
struct Store {
  enum class Mode : std::uint8_t { kSet, kAdd, kRemove };
  bool uid = false;
  SequenceSet set{};
  Mode mode = Mode::kSet;
  bool silent = false;
  FlagList flags{};
  std::optional<std::uint64_t> unchanged_since{};  // RFC 7162 s3.1.3
};
struct Copy {
  bool uid = false;
  SequenceSet set{};
  std::string mailbox{};
};
struct Move {  // RFC 6851
  bool uid = false;
  SequenceSet set{};
  std::string mailbox{};
};

using CommandBody =
    std::variant<Capability, Noop, Logout, StartTls, Namespace, Idle, Check, Close, Unselect, Unauthenticate, Id,
                 Authenticate, Login, Enable, Compress, Select, Create, Delete, Rename, Subscribe, Unsubscribe, List,
                 Lsub, Status, Append, Replace, Expunge, Store, Copy, Move, Fetch, Search, Sort, Thread, CancelUpdate,
                 SetAcl, DeleteAcl, GetAcl, ListRights, MyRights, GetQuota, GetQuotaRoot, SetQuota, GetMetadata,
                 SetMetadata, Notify>;

struct Command {
  std::string tag{};
  CommandBody what;
};

/// "UID FETCH", "EXAMINE"…: for texts and metrics.
[[nodiscard]] std::string_view name_of(const CommandBody& what);

/// Whether it names messages by number, which UIDONLY forbids (RFC 9586 s3): [UIDREQUIRED].
[[nodiscard]] bool uses_message_numbers(const CommandBody& what);

/// The line that ends IDLE (RFC 2177 s3); in any case, blanks at its end are let pass.
[[nodiscard]] bool is_done(std::string_view line);

}  // namespace veredus::wire::imap
