#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "io/net/asio.h"
#include "state/mailbox/quota.h"
#include "state/mailbox/uid_set.h"
#include "work/transfer/copy_progress.h"
#include "work/transfer/flag_renewal.h"
#include "work/transfer/folder.h"
#include "work/transfer/imap_client.h"
#include "work/transfer/message_intake.h"
#include "work/transfer/source.h"

namespace veredus::work::transfer {

/// What a copy works with; all outlive it.
struct CopySurroundings {
  /// Makes a connection to the source; called for each.
  using Connect = std::function<AsyncTransferred<io::net::LineStream>(const Source* source, const Options* options)>;

  Connect connect;
  state::mailbox::Mailboxes* mailboxes;
  const Clock* clock;
};

/// Copies a whole account from another server into one of ours: mailboxes, messages with flags and dates,
/// subscriptions. What was copied before is not copied again, so that a run that broke goes on where it was, and a
/// second run brings what is new: messages, and what changed in the flags of those it brought before (FlagRenewal).
/// Nothing there is changed.
class CopyRun {
 public:
  /// Told now and then; false: stop.
  using Tell = std::function<bool(const CopyProgress&)>;

  CopyRun(CopySurroundings with, AccountId account, state::mailbox::QuotaLimits limits, Source source, Options options,
          Tell tell);

  AsyncTransferred<void> run();
  [[nodiscard]] const CopyProgress& progress() const { return progress_; }

 private:
  struct Listed {
    Uid uid;
    std::uint64_t octets = 0;
    std::optional<state::mailbox::SourceFlags> flags;
  };
  /// One connection's work.
  AsyncTransferred<void> pass();
  AsyncTransferred<std::vector<Folder>> look_around(ImapClient* client);
  AsyncTransferred<void> copy_folder(ImapClient* client, const Folder* folder);
  AsyncTransferred<MailboxId> local_mailbox(const Folder* folder);
  AsyncTransferred<std::vector<Listed>> list_messages(ImapClient* client);
  AsyncTransferred<std::vector<Uid>> leave_out_known(std::vector<Listed> listed, const Folder* folder,
                                                     FlagRenewal* renewal);
  AsyncTransferred<void> fetch(ImapClient* client, const Folder* folder, std::vector<Uid> uids, MessageIntake* intake);
  AsyncTransferred<void> subscribe(ImapClient* client, const std::vector<Folder>* folders);
  [[nodiscard]] MessageKey key_of(const Folder& folder, Uid uid) const;
  asio::awaitable<bool> wait_before(std::uint32_t attempt);
  void complain(const std::string& sentence);
  /// False: it shall stop.
  bool tell() { return tell_(progress_); }

  class Enumeration;
  class Bodies;

  CopySurroundings with_;
  AccountId account_;
  state::mailbox::QuotaLimits limits_;
  Source source_;
  Options options_;
  Tell tell_;
  CopyProgress progress_;
  std::set<std::string> done_;  // folders
  // Of the folder under way.
  UidValidity uid_validity_;
  MailboxId mailbox_;
  std::uint64_t copied_of_folder_ = 0;  // by connections that broke, too
  // What breaks the connection: fetched alone the next time, and the time after that passed over.
  bool one_by_one_ = false;
  std::pair<std::string, Uid> last_tried_;
  std::set<std::pair<std::string, Uid>> suspects_;
  std::set<std::pair<std::string, Uid>> given_up_;
};

}  // namespace veredus::work::transfer
