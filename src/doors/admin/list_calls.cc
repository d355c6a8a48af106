#include <algorithm>

#include "base/codec/ascii.h"
#include "doors/admin/calls.h"
#include "doors/admin/list_of.h"
#include "state/directory/address_form.h"
#include "state/directory/directory.h"
#include "state/directory/snapshot.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::directory::DirectoryError;
using state::directory::MailList;

constexpr std::string_view kPostingNames[] = {"anyone", "members", "moderators"};  // by Posting

boost::json::object json_of(const state::directory::MemberTrouble& trouble) {
  return {{"member", trouble.member},         {"hard_bounces", trouble.hard},    {"soft_bounces", trouble.soft},
          {"complaints", trouble.complaints}, {"last", json_time(trouble.last)}, {"reason", trouble.reason},
          {"suspended", trouble.suspended}};
}

boost::json::object json_of(const MailList& list) {
  boost::json::object object;
  object["address"] = list.address;
  object["name"] = list.name;
  object["members"] = boost::json::array(list.members.begin(), list.members.end());
  object["moderators"] = boost::json::array(list.moderators.begin(), list.moderators.end());
  object["posting"] = kPostingNames[static_cast<std::size_t>(list.posting)];
  object["moderated"] = list.moderated;
  object["created"] = json_time(list.created);
  boost::json::array troubles;
  for (const auto& trouble : list.troubles) troubles.push_back(json_of(trouble));
  object["troubles"] = std::move(troubles);
  return object;
}

Reply all_lists(const Services* services, Request request) {
  const auto only = domain_wanted(*services, request);
  if (!only) co_return only.error();
  boost::json::array all;
  for (const auto& list : services->directory.snapshot()->mail_lists(*only)) all.push_back(json_of(list));
  co_return reply(boost::json::object{{"lists", std::move(all)}});
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

}  // namespace

std::optional<MailList> list_of(const Services& services, const Request& request) {
  const auto snapshot = services.directory.snapshot();
  const auto address = state::directory::parse_typed_address(request.parameter("address"));
  const auto domain = address ? state::directory::normal_domain(address->domain) : std::nullopt;
  if (!domain) return std::nullopt;
  const auto local_part = state::directory::normal_local_part(address->local_part);
  const auto* list = snapshot->mail_list(state::directory::join_address(local_part, *domain));
  return list != nullptr ? std::optional(*list) : std::nullopt;
}

void add_list_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/lists", all_lists);
  add(routes, Method::kGet, "/v1/lists/{address}", show);
  add(routes, Method::kPut, "/v1/lists/{address}", put);
  add(routes, Method::kDelete, "/v1/lists/{address}", remove);
  add(routes, Method::kPost, "/v1/lists/{address}/members", change_members);
}

}  // namespace veredus::doors::admin
