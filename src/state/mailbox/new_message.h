#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/email.h"
#include "state/mailbox/flags.h"
#include "state/mailbox/mailbox.h"
#include "state/mailbox/message.h"

namespace veredus::state::mailbox {

constexpr std::size_t kAppendMessages = 1000;           // in one append_all
constexpr std::size_t kAppendOctets = 8 * 1024 * 1024;  // inline bodies of one append_all; stage what is more

/// Chunks 1.. of a large message, written before by Mailboxes::stage_chunk under `email`: kChunkOctets each, the last
/// one shorter.
struct StagedBody {
  EmailId email;
  std::uint64_t octets = 0;
};

/// At most one append with the same key succeeds until `expiry`; the others are told where the first one went.
struct DedupeKey {
  std::array<std::uint8_t, 16> key{};
  SystemTime expiry;
  /// Whether the flags it comes with are remembered as those of its source (source_flags.h).
  enum class Flags : std::uint8_t { kForgotten, kRemembered } flags = Flags::kForgotten;
};

struct NewMessage {
  MailboxId mailbox = kInbox;
  std::vector<MailboxId> also_in;  // the same message in more mailboxes, its body once
  FlagSet flags;
  std::vector<std::string> keywords;
  SystemTime internal_date;
  /// The whole message (at most kChunkOctets), or, with `staged`, what goes before the staged octets.
  std::string octets;
  std::optional<StagedBody> staged;
  EmailContent content;
  std::optional<DedupeKey> dedupe;
};

enum class AppendOutcome : std::uint8_t { kStored, kAlreadyThere };

struct Appended {
  AppendOutcome outcome = AppendOutcome::kStored;
  EmailId email;
  ThreadId thread;  // with kAlreadyThere: not given (0)
  UidValidity uid_validity;
  Location at;                    // in NewMessage::mailbox
  std::vector<Location> also_at;  // in the order of NewMessage::also_in
  ModSeq modseq;
};

}  // namespace veredus::state::mailbox
