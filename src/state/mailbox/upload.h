#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/new_message.h"
#include "wire/mime/structure_parser.h"

namespace veredus::state::mailbox {

class Mailboxes;

/// One message on its way into a mailbox, as its octets come: what is more than a chunk is staged in the store, so that
/// memory stays bounded whatever its size. Line ends become CRLF, as every reader of mail expects, but for binary
/// pieces. Feed it, and call stage() when feed says so.
class Upload {
 public:
  /// kStaged: keep nothing in memory but the chunk under way.
  enum class Keep : std::uint8_t { kFirstChunk, kStaged };
  /// kLater: by parse(), on any thread, once all is there; what is staged is parsed as it comes all the same.
  enum class Parsing : std::uint8_t { kAsItComes, kLater };
  /// `mailboxes` must outlive it. Staged octets are swept after `expiry`.
  Upload(Mailboxes* mailboxes, AccountId account, SystemTime expiry, Keep keep, Parsing parsing = Parsing::kAsItComes);

  /// So many octets are to come: room for them is made at once, as far as they stay in memory.
  void expect(std::uint64_t octets);
  enum class Octets : std::uint8_t { kText, kBinary };
  /// True: call stage() before the next.
  bool feed(std::string_view octets, Octets kind);
  asio::awaitable<void> stage();
  /// Stages the rest; then take() once.
  asio::awaitable<void> finish();
  /// Without mailbox, flags and date. Errors: the first that was met.
  std::expected<NewMessage, MailboxError> take();
  /// False: what was taken is still to be parsed.
  [[nodiscard]] bool is_parsed() const { return parses_; }
  static void parse(NewMessage& message);

  [[nodiscard]] std::uint64_t octets() const { return octets_; }
  /// NUL where text was announced (RFC 9051 s4.3.1): it cannot be kept.
  [[nodiscard]] bool met_nul() const { return met_nul_; }
  [[nodiscard]] bool failed() const { return failure_.has_value(); }
  /// Forgets what was staged.
  asio::awaitable<void> discard();

 private:
  void add(std::string_view octets);
  asio::awaitable<void> stage_one(std::size_t octets);

  Mailboxes* mailboxes_;
  AccountId account_;
  SystemTime expiry_;
  Keep keep_;
  bool parses_;
  wire::mime::StructureParser parser_;
  std::string first_;  // chunk 0, once it is full
  bool first_full_ = false;
  std::string pending_;  // what comes after it
  std::optional<EmailId> staged_;
  std::uint32_t chunks_ = 0;
  std::uint64_t staged_octets_ = 0;
  std::uint64_t octets_ = 0;
  char last_ = 0;
  bool met_nul_ = false;
  std::optional<MailboxError> failure_;
};

}  // namespace veredus::state::mailbox
