#include "work/transfer/copy_run.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/codec/utf8.h"
#include "state/mailbox/mailboxes.h"
#include "wire/imap/imap_string.h"
#include "wire/imap/sequence_set.h"

namespace veredus::work::transfer {

using state::mailbox::MailboxError;
using state::mailbox::SpecialUse;
using wire::imap::Names;
using wire::imap::Response;

namespace {

constexpr std::size_t kKnownAtOnce = 1000;

TransferFailure store_failure(MailboxError error) {
  if (error == MailboxError::kOverQuota) return {TransferError::kQuota, {}};
  return {TransferError::kStore, std::string(to_string(error))};
}

/// Gathers responses of one name.
class Gathering final : public ResponseSink {
 public:
  explicit Gathering(std::string name) : name_(std::move(name)) {}
  asio::awaitable<void> take(Response response) override {
    if (response.name == name_) responses.push_back(std::move(response));
    co_return;
  }
  std::vector<Response> responses;

 private:
  std::string name_;
};

/// What EXAMINE says.
class Opening final : public ResponseSink {
 public:
  asio::awaitable<void> take(Response response) override {
    if (response.name == "EXISTS") exists = response.number.value_or(0);
    if (response.code == "UIDVALIDITY" && !response.code_values.empty())
      uid_validity = static_cast<std::uint32_t>(response.code_values.front().number().value_or(0));
    co_return;
  }
  std::uint32_t exists = 0;
  std::uint32_t uid_validity = 0;
};

std::string quoted_name(std::string_view name) {
  std::string out;
  wire::imap::append_mailbox(out, name, Names::kModifiedUtf7);
  return out;
}

std::string set_of(const std::vector<Uid>& uids) {
  std::string text;
  for (const auto& range : state::mailbox::UidSet::of(uids).ranges()) {
    if (!text.empty()) text.push_back(',');
    wire::imap::append_number(text, range.first.value);
    if (range.last == range.first) continue;
    text.push_back(':');
    wire::imap::append_number(text, range.last.value);
  }
  return text;
}

std::vector<wire::imap::ListResponse> lists_of(const std::vector<Response>& responses) {
  std::vector<wire::imap::ListResponse> lists;
  for (const auto& response : responses)
    if (auto list = wire::imap::read_list(response, Names::kModifiedUtf7)) lists.push_back(std::move(*list));
  return lists;
}

}  // namespace

/// Takes UIDs, sizes and flags.
class CopyRun::Enumeration final : public ResponseSink {
 public:
  asio::awaitable<void> take(Response response) override {
    auto fetched = wire::imap::read_fetch(response);
    if (!fetched || fetched->uid == 0) co_return;
    auto& one = listed.emplace_back(Uid(fetched->uid), fetched->size.value_or(0));
    if (fetched->flags) one.flags = source_flags(*std::move(fetched->flags));
  }
  std::vector<Listed> listed;
};

/// Takes whole messages.
class CopyRun::Bodies final : public ResponseSink {
 public:
  Bodies(CopyRun* run, const Folder* folder, MessageIntake* intake) : run_(run), folder_(folder), intake_(intake) {}

  [[nodiscard]] bool wants_literal(std::string_view item) const override { return item == "BODY[]"; }
  asio::awaitable<void> literal(std::string octets) override {
    if (!failure) co_await intake_->feed(std::move(octets));
  }
  asio::awaitable<void> take(Response response) override {
    auto fetched = wire::imap::read_fetch(response);
    const auto* body = fetched && fetched->uid != 0 ? fetched->other("BODY[]") : nullptr;
    // Flags that changed meanwhile, or damaged: what was fed of it is not the next message's.
    if (body == nullptr || failure) co_return co_await intake_->abandon();
    if (body->kind == wire::imap::ResponseValue::Kind::kString) co_await intake_->feed(body->text);
    Brought what;
    what.key = run_->key_of(*folder_, Uid(fetched->uid));
    what.date = fetched->internal_date ? fetched->internal_date->time : run_->with_.clock->now();
    if (fetched->flags) {
      auto flags = source_flags(*std::move(fetched->flags));
      what.flags = flags.flags;
      what.keywords = std::move(flags.keywords);
      what.remembered = state::mailbox::DedupeKey::Flags::kRemembered;
    }
    const auto ended = co_await intake_->end(std::move(what));
    if (!ended)
      failure = store_failure(ended.error());
    else if (*ended == MessageIntake::Ended::kEmpty)
      run_->complain(folder_->name + ", message " + std::to_string(fetched->uid) + ": nothing came of it");
    answered.insert(Uid(fetched->uid));
  }

  std::optional<TransferFailure> failure;
  std::set<Uid> answered;

 private:
  CopyRun* run_;
  const Folder* folder_;
  MessageIntake* intake_;
};

CopyRun::CopyRun(CopySurroundings with, AccountId account, state::mailbox::QuotaLimits limits, Source source,
                 Options options, Tell tell)
    : with_(with),
      account_(account),
      limits_(limits),
      source_(std::move(source)),
      options_(std::move(options)),
      tell_(std::move(tell)) {}

void CopyRun::complain(const std::string& sentence) {
  ++progress_.skipped;
  if (progress_.complaints.size() < options_.kept_complaints)
    progress_.complaints.push_back(base::codec::replace_invalid_utf8(sentence));
}

MessageKey CopyRun::key_of(const Folder& folder, Uid uid) const {
  return message_key({"copy", source_.host, source_.user, folder.name, std::to_string(uid_validity_.value),
                      std::to_string(uid.value), std::to_string(mailbox_.value)});
}

AsyncTransferred<void> CopyRun::run() {
  std::uint32_t attempt = 0;
  while (true) {
    const auto before = std::pair(progress_.copied, done_.size());
    auto passed = co_await pass();
    tell();
    if (passed || permanence(passed.error().error) == Permanence::kPermanent) co_return passed;
    const bool got_further = before != std::pair(progress_.copied, done_.size());
    attempt = got_further ? 0 : attempt + 1;
    one_by_one_ = !got_further;
    if (!got_further && last_tried_.second != Uid() && !suspects_.insert(last_tried_).second) {
      given_up_.insert(last_tried_);
      complain(last_tried_.first + ", message " + std::to_string(last_tried_.second.value) +
               ": the connection breaks whenever it is asked for");
    }
    last_tried_ = {};
    if (attempt >= options_.attempts) co_return passed;
    if (!co_await wait_before(attempt)) co_return std::unexpected(TransferFailure{TransferError::kStopped, {}});
  }
}

asio::awaitable<bool> CopyRun::wait_before(std::uint32_t attempt) {
  asio::steady_timer timer(co_await asio::this_coro::executor, options_.retry_wait * (attempt + 1));
  const auto [error] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !error;
}

AsyncTransferred<void> CopyRun::pass() {
  VEREDUS_CO_TRY(auto stream, co_await with_.connect(&source_, &options_));
  VEREDUS_CO_TRY(const auto client, co_await ImapClient::open(std::move(stream), &source_, &options_));
  VEREDUS_CO_TRY(const auto folders, co_await look_around(client.get()));
  progress_.mailboxes = static_cast<std::uint32_t>(folders.size());
  for (const auto& folder : folders) {
    if (done_.contains(folder.name)) continue;
    progress_.doing = folder.local;
    if (!tell()) co_return std::unexpected(TransferFailure{TransferError::kStopped, {}});
    const auto before = progress_;
    auto copied = co_await copy_folder(client.get(), &folder);
    copied_of_folder_ += progress_.copied - before.copied;
    if (!copied && copied.error().error != TransferError::kRefused) {  // it is looked through again
      progress_.messages = before.messages;
      progress_.already_there = before.already_there;
      co_return copied;
    }
    progress_.already_there -=
        std::min(progress_.already_there, copied_of_folder_ - (progress_.copied - before.copied));
    copied_of_folder_ = 0;
    if (!copied) complain(folder.name + ": " + copied.error().detail);
    done_.insert(folder.name);
    progress_.mailboxes_done = static_cast<std::uint32_t>(done_.size());
  }
  VEREDUS_CO_TRY(co_await subscribe(client.get(), &folders));
  progress_.doing.clear();
  co_await client->log_out();
  co_return Transferred<void>();
}

AsyncTransferred<std::vector<Folder>> CopyRun::look_around(ImapClient* client) {
  std::string prefix;
  if (client->has("NAMESPACE")) {
    Gathering spaces("NAMESPACE");
    VEREDUS_CO_TRY(co_await client->command("NAMESPACE", &spaces));
    if (!spaces.responses.empty()) prefix = personal_prefix(spaces.responses.front()).value_or("");
  }
  Gathering lists("LIST");
  // RFC 6154 s2: special uses come unasked from most; who has LIST-EXTENDED may want to be asked.
  const bool ask = client->has("SPECIAL-USE") && client->has("LIST-EXTENDED");
  VEREDUS_CO_TRY(co_await client->command(ask ? R"(LIST "" "*" RETURN (SPECIAL-USE))" : R"(LIST "" "*")", &lists));
  co_return folders_of(lists_of(lists.responses), prefix);
}

AsyncTransferred<MailboxId> CopyRun::local_mailbox(const Folder* folder) {
  auto& mailboxes = *with_.mailboxes;
  if (folder->use != SpecialUse::kNone) {
    const auto special = co_await mailboxes.special(account_, folder->use);
    if (special) co_return special->id;
  }
  auto found = co_await mailboxes.find(account_, folder->local);
  if (!found && found.error() == MailboxError::kNoSuchMailbox)
    found = co_await mailboxes.create(account_, folder->local, folder->use);
  if (!found) co_return std::unexpected(store_failure(found.error()));
  co_return found->id;
}

AsyncTransferred<std::vector<CopyRun::Listed>> CopyRun::list_messages(ImapClient* client) {
  Enumeration all;
  VEREDUS_CO_TRY(co_await client->command("UID FETCH 1:* (UID FLAGS RFC822.SIZE)", &all));
  std::ranges::sort(all.listed, {}, &Listed::uid);
  co_return std::move(all.listed);
}

/// Those that were not copied before and can be.
AsyncTransferred<std::vector<Uid>> CopyRun::leave_out_known(std::vector<Listed> listed, const Folder* folder,
                                                            FlagRenewal* renewal) {
  std::vector<Uid> wanted;
  for (std::size_t from = 0; from < listed.size(); from += kKnownAtOnce) {
    const auto to = std::min(from + kKnownAtOnce, listed.size());
    std::vector<MessageKey> keys;
    for (auto i = from; i < to; ++i) keys.push_back(key_of(*folder, listed[i].uid));
    const auto there = co_await with_.mailboxes->already_there(account_, std::move(keys));
    if (!there) co_return std::unexpected(store_failure(there.error()));
    for (auto i = from; i < to; ++i) {
      ++progress_.messages;
      auto& [uid, octets, flags] = listed[i];
      if (const auto& copy = (*there)[i - from]) {
        ++progress_.already_there;
        if (flags) renewal->note(key_of(*folder, uid), *copy, *std::move(flags));
      } else if (octets > options_.max_message_octets) {
        complain(folder->name + ", message " + std::to_string(uid.value) + ": too large");
      } else if (!given_up_.contains({folder->name, uid})) {
        wanted.push_back(uid);
      }
    }
  }
  co_return wanted;
}

AsyncTransferred<void> CopyRun::copy_folder(ImapClient* client, const Folder* folder) {
  VEREDUS_CO_TRY(mailbox_, co_await local_mailbox(folder));
  Opening opening;
  VEREDUS_CO_TRY(co_await client->command("EXAMINE " + quoted_name(folder->name), &opening));
  uid_validity_ = UidValidity(opening.uid_validity);
  if (opening.exists == 0) co_return Transferred<void>();
  VEREDUS_CO_TRY(auto listed, co_await list_messages(client));
  FlagRenewal renewal(with_.mailboxes, account_, mailbox_);
  VEREDUS_CO_TRY(const auto wanted, co_await leave_out_known(std::move(listed), folder, &renewal));
  const auto renewed = co_await renewal.finish();
  if (!renewed) co_return std::unexpected(store_failure(renewed.error()));
  progress_.flags_renewed += *renewed;
  MessageIntake intake(with_.mailboxes, with_.clock, account_, mailbox_, limits_,
                       with_.clock->now() + options_.remembered);
  const std::size_t step = one_by_one_ ? 1 : options_.fetch_messages;
  for (std::size_t from = 0; from < wanted.size(); from += step) {
    const auto to = std::min(from + step, wanted.size());
    std::vector<Uid> some(wanted.begin() + static_cast<std::ptrdiff_t>(from),
                          wanted.begin() + static_cast<std::ptrdiff_t>(to));
    last_tried_ = {one_by_one_ ? folder->name : std::string(), one_by_one_ ? some.front() : Uid()};
    const auto before = intake.counts();
    auto fetched = co_await fetch(client, folder, std::move(some), &intake);
    progress_.copied += intake.counts().stored - before.stored;
    progress_.already_there += intake.counts().already_there - before.already_there;
    progress_.octets += intake.counts().octets - before.octets;
    if (!fetched) co_return fetched;
    if (!tell()) co_return std::unexpected(TransferFailure{TransferError::kStopped, {}});
  }
  last_tried_ = {};
  co_return Transferred<void>();
}

/// What came before the connection broke is kept. What the server refuses to give together is asked for one by one.
AsyncTransferred<void> CopyRun::fetch(ImapClient* client, const Folder* folder, std::vector<Uid> uids,
                                      MessageIntake* intake) {
  Bodies bodies(this, folder, intake);
  auto done = co_await client->command("UID FETCH " + set_of(uids) + " (UID FLAGS INTERNALDATE BODY.PEEK[])", &bodies);
  co_await intake->abandon();
  const auto flushed = co_await intake->flush();
  if (bodies.failure) co_return std::unexpected(*bodies.failure);
  if (!flushed) co_return std::unexpected(store_failure(flushed.error()));
  if (!done && done.error().error != TransferError::kRefused) co_return std::unexpected(std::move(done.error()));
  const bool last_try = done || uids.size() == 1;
  std::erase_if(uids, [&](Uid uid) { return bodies.answered.contains(uid); });
  if (last_try) {
    const auto why = done ? "it is not given" : done.error().detail;
    for (const Uid uid : uids) complain(folder->name + ", message " + std::to_string(uid.value) + ": " + why);
    co_return Transferred<void>();
  }
  for (const Uid uid : uids) {
    std::vector<Uid> one(1, uid);
    auto fetched = co_await fetch(client, folder, std::move(one), intake);
    if (!fetched) co_return fetched;
  }
  co_return Transferred<void>();
}

AsyncTransferred<void> CopyRun::subscribe(ImapClient* client, const std::vector<Folder>* folders) {
  Gathering subscribed("LSUB");
  auto listed = co_await client->command(R"(LSUB "" "*")", &subscribed);
  if (!listed && listed.error().error == TransferError::kRefused) co_return Transferred<void>();  // has none
  if (!listed) co_return std::unexpected(std::move(listed.error()));
  for (const auto& name : lists_of(subscribed.responses)) {
    const auto folder = std::ranges::find(*folders, name.name, &Folder::name);
    if (folder == folders->end()) continue;
    const auto mailbox = co_await local_mailbox(&*folder);
    if (!mailbox) continue;
    const auto local = co_await with_.mailboxes->status(account_, *mailbox);
    if (!local || local->subscribed) continue;
    const auto done = co_await with_.mailboxes->subscribe(account_, local->name);
    if (!done) co_return std::unexpected(store_failure(done.error()));
  }
  co_return Transferred<void>();
}

}  // namespace veredus::work::transfer
