#include <array>

#include "doors/admin/calls.h"
#include "state/mailbox/mailboxes.h"
#include "state/search/indexes.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using state::mailbox::SpecialUse;

struct UseName {
  SpecialUse use;
  std::string_view name;
};
constexpr std::array<UseName, 9> kUses{{{SpecialUse::kNone, ""},
                                        {SpecialUse::kArchive, "archive"},
                                        {SpecialUse::kDrafts, "drafts"},
                                        {SpecialUse::kFlagged, "flagged"},
                                        {SpecialUse::kJunk, "junk"},
                                        {SpecialUse::kSent, "sent"},
                                        {SpecialUse::kTrash, "trash"},
                                        {SpecialUse::kAll, "all"},
                                        {SpecialUse::kImportant, "important"}}};

std::string_view name_of(SpecialUse use) {
  for (const auto& known : kUses)
    if (known.use == use) return known.name;
  return "";
}

std::optional<SpecialUse> use_named(std::string_view name) {
  for (const auto& known : kUses)
    if (known.name == name) return known.use;
  return std::nullopt;
}

boost::json::object json_of(const state::mailbox::Mailbox& mailbox) {
  boost::json::object object;
  object["name"] = mailbox.name;
  object["special_use"] = mailbox.special_use == SpecialUse::kNone ? boost::json::value(nullptr)
                                                                   : boost::json::value(name_of(mailbox.special_use));
  object["messages"] = mailbox.counts.messages;
  object["unseen"] = mailbox.counts.unseen;
  object["octets"] = mailbox.counts.octets;
  object["subscribed"] = mailbox.subscribed;
  object["uid_validity"] = mailbox.uid_validity.value;
  object["uid_next"] = mailbox.uid_next.value;
  object["highest_modseq"] = mailbox.highest_modseq.value;
  return object;
}

Reply list(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto mailboxes = co_await services->mailboxes.list(*id);
  if (!mailboxes) co_return problem_of(mailboxes.error());
  boost::json::array all;
  for (const auto& mailbox : *mailboxes) all.push_back(json_of(mailbox));
  co_return reply(boost::json::object{{"mailboxes", std::move(all)}});
}

struct NewMailbox {
  std::string name;
  SpecialUse use;
};

NewMailbox new_mailbox(Fields& fields) {
  NewMailbox made{.name = fields.need_string("name"), .use = {}};
  const auto use = use_named(fields.take_string("special_use").value_or(""));
  if (use)
    made.use = *use;
  else
    fields.mistake("special_use", "wants archive, drafts, flagged, junk, sent, trash, all or important");
  return made;
}

Reply create(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  auto asked = read_body(request, new_mailbox);
  if (!asked) co_return asked.error();
  const auto mailbox = co_await services->mailboxes.create(*id, std::move(asked->name), asked->use);
  co_return mailbox ? reply(json_of(*mailbox), 201) : problem_of(mailbox.error());
}

Reply rename(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  auto to = read_body(request, [](Fields& fields) { return fields.need_string("name"); });
  if (!to) co_return to.error();
  std::string from(request.parameter("mailbox"));
  const auto mailbox = co_await services->mailboxes.rename(*id, std::move(from), std::move(*to));
  if (!mailbox) co_return problem_of(mailbox.error());
  co_return *mailbox ? reply(json_of(**mailbox)) : no_content();
}

Reply remove(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  std::string name(request.parameter("mailbox"));
  const auto removed = co_await services->mailboxes.remove_mailbox(*id, std::move(name));
  co_return removed ? no_content() : problem_of(removed.error());
}

/// Recounts the account: what is wrong with it, if anything.
Reply verify(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto found = co_await services->mailboxes.verify_account(*id, state::mailbox::BodyCheck::kLengths);
  if (!found) co_return problem_of(found.error());
  boost::json::object object;
  object["differences"] = boost::json::array(found->differences.begin(), found->differences.end());
  object["mailboxes"] = found->mailboxes;
  object["emails"] = found->emails;
  object["rows"] = found->rows;
  object["staged"] = found->staged;
  co_return reply(object);
}

/// Drops the account's search index; it is made again in the background.
Reply reindex(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  if (!services->indexes.rebuild(*id))
    co_return io::http::problem(409, "indexing-off", "search.index is off in the configuration");
  co_return no_content();
}

}  // namespace

void add_mailbox_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/accounts/{address}/mailboxes", list);
  add(routes, Method::kPost, "/v1/accounts/{address}/mailboxes", create);
  add(routes, Method::kPatch, "/v1/accounts/{address}/mailboxes/{mailbox}", rename);
  add(routes, Method::kDelete, "/v1/accounts/{address}/mailboxes/{mailbox}", remove);
  add(routes, Method::kPost, "/v1/accounts/{address}/verify", verify);
  add(routes, Method::kPost, "/v1/accounts/{address}/reindex", reindex);
}

}  // namespace veredus::doors::admin
