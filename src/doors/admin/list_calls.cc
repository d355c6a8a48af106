#include <algorithm>

#include "base/codec/ascii.h"
#include "doors/admin/calls.h"
#include "state/directory/address_form.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"
#include "state/mailbox/mailboxes.h"
#include "wire/mime/header_block.h"
#include "work/delivery/passages.h"
#include "work/delivery/submission.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::directory::DirectoryError;
using state::directory::MailList;

constexpr std::string_view kPostingNames[] = {"anyone", "members", "moderators"};  // by Posting
constexpr std::size_t kReadAtOnce = 256 * 1024;
constexpr std::size_t kMaxApprovedOctets = 64 * 1024 * 1024;

boost::json::object json_of(const MailList& list) {
  boost::json::object object;
  object["address"] = list.address;
  object["name"] = list.name;
  object["members"] = boost::json::array(list.members.begin(), list.members.end());
  object["moderators"] = boost::json::array(list.moderators.begin(), list.moderators.end());
  object["posting"] = kPostingNames[static_cast<std::size_t>(list.posting)];
  object["moderated"] = list.moderated;
  object["created"] = json_time(list.created);
  return object;
}

Reply all_lists(const Services* services, Request request) {
  const auto only = domain_wanted(*services, request);
  if (!only) co_return only.error();
  boost::json::array all;
  for (const auto& list : services->directory.snapshot()->mail_lists(*only)) all.push_back(json_of(list));
  co_return reply(boost::json::object{{"lists", std::move(all)}});
}

/// The list a path names, as it is now.
std::optional<MailList> list_of(const Services& services, const Request& request) {
  const auto snapshot = services.directory.snapshot();
  const auto address = state::directory::parse_typed_address(request.parameter("address"));
  const auto domain = address ? state::directory::normal_domain(address->domain) : std::nullopt;
  if (!domain) return std::nullopt;
  const auto local_part = state::directory::normal_local_part(address->local_part);
  const auto* list = snapshot->mail_list(state::directory::join_address(local_part, *domain));
  return list != nullptr ? std::optional(*list) : std::nullopt;
}

Reply show(const Services* services, Request request) {
  const auto list = list_of(*services, request);
  co_return list ? reply(json_of(*list)) : problem_of(DirectoryError::kNoSuchList);
}

Reply put(const Services* services, Request request) {
  const auto before = list_of(*services, request);
  auto list = read_body(request, [&](Fields& fields) {
    state::directory::NewMailList made{.address = std::string(request.parameter("address"))};
    if (before) {
      made.name = before->name;
      made.members = before->members;
      made.moderators = before->moderators;
      made.posting = before->posting;
      made.moderated = before->moderated;
    }
    if (auto name = fields.take_string("name")) made.name = *std::move(name);
    if (auto members = fields.take_strings("members")) made.members = *std::move(members);
    if (auto moderators = fields.take_strings("moderators")) made.moderators = *std::move(moderators);
    if (const auto posting = fields.take_string("posting")) {
      const auto* const at = std::ranges::find(kPostingNames, *posting);
      if (at == std::end(kPostingNames))
        fields.mistake("posting", "one of anyone, members, moderators");
      else
        made.posting = static_cast<state::directory::Posting>(at - std::begin(kPostingNames));
    }
    made.moderated = fields.take_bool("moderated").value_or(made.moderated);
    return made;
  });
  if (!list) co_return list.error();
  const auto kept = co_await services->directory.put_mail_list(*std::move(list));
  co_return kept ? reply(json_of(*kept)) : problem_of(kept.error());
}

Reply change_members(const Services* services, Request request) {
  auto change = read_body(request, [](Fields& fields) {
    state::directory::MembersChange made;
    made.join = fields.take_strings("join").value_or(std::vector<std::string>());
    made.leave = fields.take_strings("leave").value_or(std::vector<std::string>());
    return made;
  });
  if (!change) co_return change.error();
  std::string address(request.parameter("address"));
  const auto kept = co_await services->directory.change_members(std::move(address), *std::move(change));
  co_return kept ? reply(json_of(*kept)) : problem_of(kept.error());
}

Reply remove(const Services* services, Request request) {
  std::string address(request.parameter("address"));
  const auto removed = co_await services->directory.delete_mail_list(std::move(address));
  co_return removed ? no_content() : problem_of(removed.error());
}

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

asio::awaitable<Outcome<std::string>> read_message(const Services* services, AccountId account, EmailId id) {
  const auto email = co_await services->mailboxes.email(account, id);
  if (!email) co_return std::unexpected(problem_of(email.error()));
  if (email->body.octets > kMaxApprovedOctets) co_return std::unexpected(bad_request("the message is too big"));
  std::string octets;
  while (octets.size() < email->body.octets) {
    const auto piece = co_await services->mailboxes.read_body(account, email->body, octets.size(), kReadAtOnce);
    if (!piece) co_return std::unexpected(problem_of(piece.error()));
    if (piece->empty()) co_return std::unexpected(problem_of(state::mailbox::MailboxError::kCorrupt));
    octets += *piece;
  }
  co_return octets;
}

/// Sends a held post, as it lies in a moderator's mailbox, to the members.
Reply approve(const Services* services, Request request) {
  const auto list = list_of(*services, request);
  if (!list) co_return problem_of(DirectoryError::kNoSuchList);
  struct Which {
    std::string account;
    std::uint64_t email = 0;
  };
  const auto which = read_body(request, [](Fields& fields) {
    Which made{.account = fields.need_string("account")};
    if (const auto email = fields.take_number("email"))
      made.email = *email;
    else
      fields.mistake("email", "the id of the held post in the account");
    return made;
  });
  if (!which) co_return which.error();
  const auto account = services->directory.account_by_address(which->account);
  if (!account) co_return problem_of(DirectoryError::kNoSuchAccount);
  const auto stored = co_await read_message(services, account->id, EmailId(which->email));
  if (!stored) co_return stored.error();
  auto octets = released(*stored, list->address);
  if (!octets) co_return bad_request("the message is no post that waits for this list");
  work::delivery::OwnMessage message;
  message.sender = return_path_of(*stored);
  message.octets = *std::move(octets);
  message.origin = "list approval";
  message.approved = true;
  const auto [local_part, domain] = state::directory::split_address(list->address);
  message.recipients.push_back({.local_part = std::string(local_part), .domain = std::string(domain)});
  const auto sent = co_await work::delivery::submit(&services->router, &services->receptions, std::move(message));
  if (!sent) co_return bad_request(to_string(sent.error()));
  if (!sent->accepted) co_return bad_request(to_string(sent->refused.front().refusal));
  co_return reply(boost::json::object{{"id", to_string(sent->accepted->id)}});
}

}  // namespace

void add_list_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/lists", all_lists);
  add(routes, Method::kGet, "/v1/lists/{address}", show);
  add(routes, Method::kPut, "/v1/lists/{address}", put);
  add(routes, Method::kDelete, "/v1/lists/{address}", remove);
  add(routes, Method::kPost, "/v1/lists/{address}/members", change_members);
  add(routes, Method::kPost, "/v1/lists/{address}/approve", approve);
}

}  // namespace veredus::doors::admin
