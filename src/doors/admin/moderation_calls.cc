#include <algorithm>
#include <vector>

#include "base/codec/ascii.h"
#include "base/crypto/digest.h"
#include "base/types/bytes.h"
#include "doors/admin/calls.h"
#include "doors/admin/list_of.h"
#include "state/directory/address_form.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailboxes.h"
#include "state/mailbox/message_table.h"
#include "wire/mime/header_block.h"
#include "work/delivery/passages.h"
#include "work/delivery/submission.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::directory::DirectoryError;
using state::directory::MailList;
using state::mailbox::MailboxError;

constexpr std::size_t kReadAtOnce = 256 * 1024;
constexpr std::size_t kMaxApprovedOctets = 64 * 1024 * 1024;

/// A post that waits for a moderator.
struct HeldPost {
  MailList list;
  std::string octets;  // as it came, without what was put before it on its way to the moderator
  std::optional<wire::smtp::Address> sender;
  SystemTime arrived;
};

/// A held post without what was put before it on its way to the moderator. nullopt: it is none of this list's.
std::optional<std::string> released(std::string_view stored, const std::string& list) {
  bool is_ours = false;
  std::size_t end = 0;
  // What we put there stands first: Return-Path, Delivered-To, the field of moderation.
  wire::mime::FieldReader reader(stored);
  while (const auto field = reader.next()) {
    const bool moderation = field->name == work::delivery::kModerationField;
    if (!moderation && field->name != "Return-Path" && field->name != "Delivered-To") break;
    if (moderation && base::codec::trim_ascii(field->value) == list) is_ours = true;
    end = stored.find("\r\n", end);
    if (end == std::string_view::npos) return std::nullopt;
    end += 2;
    if (moderation) break;
  }
  if (!is_ours) return std::nullopt;
  return std::string(stored.substr(end));
}

std::optional<wire::smtp::Address> return_path_of(std::string_view stored) {
  wire::mime::FieldReader reader(stored);
  const auto field = reader.next();
  if (!field || field->name != "Return-Path") return std::nullopt;
  const auto open = field->value.find('<');
  const auto close = field->value.rfind('>');
  if (open == std::string_view::npos || close == std::string_view::npos || close <= open) return std::nullopt;
  auto address = wire::smtp::parse_mailbox(field->value.substr(open + 1, close - open - 1));
  if (!address) return std::nullopt;
  return *std::move(address);
}

asio::awaitable<std::expected<std::string, MailboxError>> read_stored(const Services* services, AccountId account,
                                                                      state::mailbox::StoredBody body) {
  std::string octets;
  while (octets.size() < body.octets) {
    const auto piece = co_await services->mailboxes.read_body(account, body, octets.size(), kReadAtOnce);
    if (!piece) co_return std::unexpected(piece.error());
    if (piece->empty()) co_return std::unexpected(MailboxError::kCorrupt);
    octets += *piece;
  }
  co_return octets;
}

/// An email where it lies in one of the account's mailboxes.
asio::awaitable<std::expected<state::mailbox::Message, MailboxError>> find_message(const Services* services,
                                                                                   AccountId account, EmailId email) {
  const auto mailboxes = co_await services->mailboxes.list(account);
  if (!mailboxes) co_return std::unexpected(mailboxes.error());
  for (const auto& mailbox : *mailboxes) {
    const auto table = co_await services->mailboxes.table(account, mailbox.id);
    if (!table) co_return std::unexpected(table.error());
    for (const auto& page : (*table)->pages())
      for (const auto& message : page->messages())
        if (message.body.email == email) co_return message;
  }
  co_return std::unexpected(MailboxError::kNoSuchEmail);
}

/// The post a call names by list, account and email.
asio::awaitable<Outcome<HeldPost>> held_post(const Services* services, const Request* request) {
  auto list = list_of(*services, *request);
  if (!list) co_return std::unexpected(problem_of(DirectoryError::kNoSuchList));
  struct Which {
    std::string account;
    std::uint64_t email = 0;
  };
  const auto which = read_body(*request, [](Fields& fields) {
    Which made{.account = fields.need_string("account")};
    if (const auto email = fields.take_number("email"))
      made.email = *email;
    else
      fields.mistake("email", "the id of the held post in the account");
    return made;
  });
  if (!which) co_return std::unexpected(which.error());
  const auto account = services->directory.account_by_address(which->account);
  if (!account) co_return std::unexpected(problem_of(DirectoryError::kNoSuchAccount));
  const auto email = co_await find_message(services, account->id, EmailId(which->email));
  if (!email) co_return std::unexpected(problem_of(email.error()));
  if (email->body.octets > kMaxApprovedOctets) co_return std::unexpected(bad_request("the message is too big"));
  const auto stored = co_await read_stored(services, account->id, email->body);
  if (!stored) co_return std::unexpected(problem_of(stored.error()));
  auto octets = released(*stored, list->address);
  if (!octets) co_return std::unexpected(bad_request("the message is no post that waits for this list"));
  HeldPost post;
  post.list = *std::move(list);
  post.octets = *std::move(octets);
  post.sender = return_path_of(*stored);
  post.arrived = email->internal_date;
  co_return post;
}

/// Takes the post's copies out of one mailbox of a moderator; answers how many there were.
asio::awaitable<std::expected<std::uint64_t, MailboxError>> take_copies(const Services* services, const HeldPost* post,
                                                                        AccountId account, MailboxId mailbox) {
  const auto table = co_await services->mailboxes.table(account, mailbox);
  if (!table) co_return std::unexpected(table.error());
  state::mailbox::UidSet found;
  std::uint64_t count = 0;
  for (const auto& page : (*table)->pages()) {
    for (const auto& message : page->messages()) {
      // All moderators got theirs at the same time, and before it stands only who it was for.
      if (message.internal_date != post->arrived || message.body.octets < post->octets.size()) continue;
      const auto stored = co_await read_stored(services, account, message.body);
      if (!stored || released(*stored, post->list.address) != post->octets) continue;
      found.add(message.uid);
      ++count;
    }
  }
  if (count == 0) co_return 0;
  const auto gone = co_await services->mailboxes.expunge(account, mailbox, std::move(found));
  if (!gone) co_return std::unexpected(gone.error());
  co_return count;
}

/// The same out of all mailboxes of all moderators here: nobody is asked a second time. What cannot be taken away now
/// stays, and does no harm.
asio::awaitable<std::uint64_t> clear_desks(const Services* services, const HeldPost* post) {
  std::uint64_t taken = 0;
  for (const auto& moderator : post->list.moderators) {
    const auto account = services->directory.account_by_address(moderator);
    if (!account) continue;  // an alias, or elsewhere
    const auto mailboxes = co_await services->mailboxes.list(account->id);
    if (!mailboxes) continue;
    for (const auto& mailbox : *mailboxes)
      taken += (co_await take_copies(services, post, account->id, mailbox.id)).value_or(0);
  }
  co_return taken;
}

/// Of the post's age and content: a second moderator who lets it pass changes nothing.
work::delivery::QueueId release_id(const HeldPost& post) {
  const auto digest = base::crypto::sha256(post.list.address + '\n' + post.octets);
  const auto origin = ByteReader(digest).take_be<std::uint16_t>().value_or(0);
  const auto age = static_cast<std::uint64_t>((post.arrived - state::spool::kQueueIdEpoch).count());
  return work::delivery::QueueId::make(age << state::spool::kQueueIdSequenceBits, origin);
}

/// Sends a held post, as it lies in a moderator's mailbox, to the members.
Reply approve(const Services* services, Request request) {
  auto post = co_await held_post(services, &request);
  if (!post) co_return post.error();
  work::delivery::OwnMessage message;
  message.id = release_id(*post);
  message.sender = post->sender;
  message.octets = post->octets;
  message.origin = "list approval";
  message.approved = true;
  const auto [local_part, domain] = state::directory::split_address(post->list.address);
  message.recipients.push_back({.local_part = std::string(local_part), .domain = std::string(domain)});
  const auto sent = co_await work::delivery::submit(&services->router, &services->receptions, std::move(message));
  if (!sent) co_return bad_request(to_string(sent.error()));
  if (!sent->accepted) co_return bad_request(to_string(sent->refused.front().refusal));
  const auto taken = co_await clear_desks(services, &*post);
  co_return reply(boost::json::object{{"id", to_string(sent->accepted->id)}, {"copies_removed", taken}});
}

/// The post goes to nobody.
Reply reject(const Services* services, Request request) {
  auto post = co_await held_post(services, &request);
  if (!post) co_return post.error();
  const auto taken = co_await clear_desks(services, &*post);
  co_return reply(boost::json::object{{"copies_removed", taken}});
}

}  // namespace

void add_moderation_calls(Routes& routes) {
  add(routes, Method::kPost, "/v1/lists/{address}/approve", approve);
  add(routes, Method::kPost, "/v1/lists/{address}/reject", reject);
}

}  // namespace veredus::doors::admin
