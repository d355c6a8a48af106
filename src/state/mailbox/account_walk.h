#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "io/engine/engine.h"
#include "state/mailbox/flag_page.h"
#include "state/mailbox/keys.h"
#include "state/mailbox/rows.h"
#include "state/mailbox/verification.h"

namespace veredus::state::mailbox {

/// Every row of an account, given in the order of their keys (chunks first or last), held against each other. Knows
/// nothing of where they come from. Memory: about 200 octets for each message.
class AccountWalk {
 public:
  AccountWalk(io::engine::Version version, BodyCheck bodies) : version_(version), bodies_(bodies) {}

  void see(const io::engine::Row& row);
  [[nodiscard]] Verification finish();

 private:
  struct Seen {                         // of one email
    std::optional<rows::EmailRow> row;  // without its content
    std::vector<Location> locations;    // from the f rows
    std::optional<std::vector<Location>> listed;
    StoredBody body;  // as an f row has it
    std::uint64_t chunks = 0;
    std::uint64_t chunk_octets = 0;
    std::uint32_t last_chunk = 0;
    std::optional<rows::StagedRow> staged;
    bool due = false;
    bool in_thread = false;
  };
  struct Recount {
    MailboxCounts counts;
    Uid last;
    ModSeq highest;
  };

  void differ(std::string sentence) { found_.differences.push_back(std::move(sentence)); }
  bool decode(const io::engine::Row& row);
  bool see_setting(const io::engine::Row& row);
  bool see_flag_page(const io::engine::Row& row);
  bool see_table_part(const io::engine::Row& row);
  bool see_sheet(const io::engine::Row& row);
  bool see_message(const io::engine::Row& row);
  bool see_email(const io::engine::Row& row);
  bool see_chunk(const io::engine::Row& row);
  bool see_change(const io::engine::Row& row);
  bool see_due(const io::engine::Row& row);
  bool see_thread(const io::engine::Row& row);
  bool see_dedupe(const io::engine::Row& row);
  void check_mailbox(MailboxId id, const rows::MailboxRow& row);
  void check_email(EmailId id, const Seen& seen);
  void check_body(EmailId id, const Seen& seen);
  void check_account();

  io::engine::Version version_;
  BodyCheck bodies_;
  Verification found_;
  std::optional<rows::AccountRow> account_;
  std::map<MailboxId, rows::MailboxRow> mailboxes_;
  std::map<MailboxId, Recount> recounts_;
  std::map<MailboxId, FlagOverlay> flags_;  // of mailboxes that have flag pages
  std::unordered_map<EmailId, Seen> emails_;
  std::set<MailboxId> annotated_;     // that have rights or annotations
  std::set<MailboxId> kept_tables_;   // that have table parts
  std::set<std::string> dedupe_due_;  // keys of k rows that are due some time
};

}  // namespace veredus::state::mailbox
