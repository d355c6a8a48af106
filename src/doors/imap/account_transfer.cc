#include "doors/imap/account_transfer.h"

#include <utility>

#include "base/types/result.h"
#include "doors/imap/body_reader.h"
#include "doors/imap/incoming.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/upload.h"

namespace veredus::doors::imap {

using state::mailbox::AllowedFlags;
using state::mailbox::Copied;
using state::mailbox::MailboxError;
using state::mailbox::Message;
using state::mailbox::NewMessage;
using state::mailbox::UidSet;
using state::mailbox::Upload;

namespace {

constexpr std::chrono::hours kStagingLife{24};
constexpr std::size_t kMessagesAtOnce = 100;
constexpr std::size_t kHeldOctets = 4 * 1024 * 1024;

struct Slice {
  std::vector<NewMessage> messages;
  std::vector<Uid> uids;
  std::size_t held = 0;
};

asio::awaitable<std::expected<NewMessage, MailboxError>> reread(Talk* talk, Message row, AccountId from,
                                                                AccountId to_account, Upload::Keep keep) {
  auto& mailboxes = talk->services.mailboxes;
  Upload upload(&mailboxes, to_account, talk->services.clock.now() + kStagingLife, keep);
  BodyReader body(&mailboxes, from, row.body, {});
  for (std::uint64_t at = 0; at < row.body.octets;) {
    const auto some = co_await body.read(at, row.body.octets);
    if (!some) {
      co_await upload.discard();
      co_return std::unexpected(some.error());
    }
    at += some->size();
    if (upload.feed(*some, Upload::Octets::kBinary)) co_await upload.stage();
  }
  co_await upload.finish();
  auto made = upload.take();
  if (!made) co_await upload.discard();
  co_return made;
}

asio::awaitable<std::expected<void, MailboxError>> store_slice(Talk* talk, AccountId to_account, Slice* slice,
                                                               Copied* copied) {
  if (slice->messages.empty()) co_return std::expected<void, MailboxError>();
  VEREDUS_CO_TRY(const auto limits, quota_of(*talk, to_account));
  auto& mailboxes = talk->services.mailboxes;
  const auto kept = co_await mailboxes.append_all(to_account, std::move(slice->messages), limits);
  if (!kept) co_return std::unexpected(kept.error());
  for (std::size_t i = 0; i < kept->size(); ++i) copied->uids.emplace_back(slice->uids[i], (*kept)[i].at.uid);
  copied->uid_validity = kept->front().uid_validity;
  copied->modseq = kept->back().modseq;
  *slice = {};
  co_return std::expected<void, MailboxError>();
}

asio::awaitable<std::expected<void, MailboxError>> copy_rows(Talk* talk, UidSet uids, AccountId to_account,
                                                             MailboxId to, AllowedFlags allowed, Copied* copied) {
  const auto& selected = *talk->session.selected;
  const auto from = selected.account();
  auto& mailboxes = talk->services.mailboxes;
  VEREDUS_CO_TRY(const auto status, co_await mailboxes.status(from, selected.mailbox()));
  VEREDUS_CO_TRY(auto table, co_await mailboxes.table(from, selected.mailbox()));
  state::mailbox::TableWalk walk(std::move(table), std::move(uids));
  Slice slice;
  while (const auto* row = walk.next()) {
    const auto keep = slice.held < kHeldOctets ? Upload::Keep::kFirstChunk : Upload::Keep::kStaged;
    VEREDUS_CO_TRY(auto message, co_await reread(talk, *row, from, to_account, keep));
    message.mailbox = to;
    message.flags = allowed.of(row->flags);
    if (allowed.keywords) message.keywords = state::mailbox::keyword_names(status.keywords, row->keywords);
    message.internal_date = row->internal_date;
    slice.held += message.octets.size();
    slice.uids.push_back(row->uid);
    slice.messages.push_back(std::move(message));
    if (slice.messages.size() >= kMessagesAtOnce || slice.held >= kHeldOctets)
      VEREDUS_CO_TRY(co_await store_slice(talk, to_account, &slice, copied));
  }
  co_return co_await store_slice(talk, to_account, &slice, copied);
}

}  // namespace

asio::awaitable<std::expected<Copied, MailboxError>> copy_between_accounts(Talk* talk, UidSet uids,
                                                                           AccountId to_account, MailboxId to,
                                                                           AllowedFlags allowed) {
  Copied copied;
  const auto done = co_await copy_rows(talk, std::move(uids), to_account, to, allowed, &copied);
  if (done) co_return copied;
  UidSet copies;  // RFC 9051 s6.4.7: all or nothing
  for (const auto& [old_uid, new_uid] : copied.uids) copies.add(new_uid);
  if (!copies.empty()) co_await talk->services.mailboxes.expunge(to_account, to, std::move(copies));
  co_return std::unexpected(done.error());
}

}  // namespace veredus::doors::imap
