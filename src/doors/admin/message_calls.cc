#include <array>

#include "base/codec/date.h"
#include "doors/admin/calls.h"
#include "state/journal/journal.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using io::http::Response;
using state::journal::Term;

constexpr std::uint32_t kPage = 100;
constexpr std::uint64_t kLongestShown = 64ULL * 1024 * 1024;

boost::json::object json_of(const state::mailbox::Message& message, const std::optional<state::mailbox::Email>& email) {
  boost::json::object object;
  object["uid"] = message.uid.value;
  object["email"] = message.body.email.value;
  object["octets"] = message.body.octets;
  object["internal_date"] = json_time(message.internal_date);
  object["seen"] = message.flags.has(state::mailbox::Flag::kSeen);
  if (email) {
    object["subject"] = email->content.subject_utf8;
    object["message_id"] = email->content.message_id;
    object["preview"] = email->content.preview;
    object["thread"] = email->thread.value;
  }
  return object;
}

/// GET …/messages?after=UID: a page of what stands in a mailbox, by UID.
Reply list(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  std::string name(request.parameter("mailbox"));
  const auto mailbox = co_await services->mailboxes.find(*id, std::move(name));
  if (!mailbox) co_return problem_of(mailbox.error());
  const auto after = request.query_value("after").empty() ? 0 : number_of(request.query_value("after"));
  if (!after || *after >= UINT32_MAX) co_return bad_request("'after' wants a UID");
  const Uid first{static_cast<std::uint32_t>(*after) + 1};
  const auto page = co_await services->mailboxes.messages(*id, mailbox->id, first, Uid{UINT32_MAX}, kPage);
  if (!page) co_return problem_of(page.error());
  std::vector<EmailId> ids;
  for (const auto& message : page->messages) ids.push_back(message.body.email);
  const auto emails = co_await services->mailboxes.emails(*id, std::move(ids));
  if (!emails) co_return problem_of(emails.error());
  boost::json::array all;
  for (std::size_t i = 0; i < page->messages.size(); ++i) all.push_back(json_of(page->messages[i], (*emails)[i]));
  co_return reply(boost::json::object{{"messages", std::move(all)}, {"more", page->more}});
}

/// The message itself, message/rfc822.
Reply show(const Services* services, Request request) {
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto number = number_of(request.parameter("email"));
  if (!number) co_return problem_of(state::mailbox::MailboxError::kNoSuchEmail);
  const auto email = co_await services->mailboxes.email(*id, EmailId{*number});
  if (!email) co_return problem_of(email.error());
  if (email->body.octets > kLongestShown)
    co_return io::http::problem(413, "the message is too long to show; read it by POP3");
  std::string octets;
  while (octets.size() < email->body.octets) {
    const auto piece =
        co_await services->mailboxes.read_body(*id, email->body, octets.size(), state::mailbox::kChunkOctets);
    if (!piece) co_return problem_of(piece.error());
    if (piece->empty()) break;
    octets += *piece;
  }
  co_return Response{.content_type = "message/rfc822", .body = std::move(octets)};
}

boost::json::object json_of(const base::observe::JournalEvent& event) {
  boost::json::object details;
  for (const auto& [name, value] : event.details) {
    auto& slot = details[name];
    if (slot.is_null())
      slot = value;
    else if (slot.is_array())
      slot.as_array().emplace_back(value);
    else
      slot = boost::json::array{slot, boost::json::value(value)};
  }
  return {{"at", json_time(event.at)},
          {"message", event.message_id},
          {"kind", event.kind},
          {"details", std::move(details)}};
}

struct TermName {
  std::string_view name;
  Term term;
};
/// The one that finds the fewest first.
constexpr std::array<TermName, 5> kTerms{{{"id", Term::kQueueId},
                                          {"message_id", Term::kMessageId},
                                          {"recipient", Term::kRecipient},
                                          {"sender", Term::kSender},
                                          {"status", Term::kKind}}};
constexpr std::string_view kEveryMessageHas = "received";  // an event of this kind

Outcome<state::journal::Query> query_of(const Request& request) {
  state::journal::Query query;
  for (const auto& [name, term] : kTerms)
    if (const std::string value(request.query_value(name)); !value.empty()) {
      if (query.value.empty()) {
        query.term = term;
        query.value = value;
      } else {
        query.also.push_back({term, value});
      }
    }
  if (query.value.empty() && request.query_value("since").empty() && request.query_value("until").empty())
    return std::unexpected(bad_request("give one of id, message_id, sender, recipient, status, since or until"));
  if (query.value.empty()) {
    query.term = Term::kKind;
    query.value = kEveryMessageHas;
  }
  for (const auto& [name, target] : {std::pair{"since", &query.from}, std::pair{"until", &query.until}}) {
    const auto text = request.query_value(name);
    if (text.empty()) continue;
    const auto time = base::codec::parse_rfc3339(text);
    if (!time)
      return std::unexpected(bad_request(std::string("'") + name + "' wants a time such as 2026-11-22T10:00:00Z"));
    *target = time->time;
  }
  return query;
}

/// GET /v1/journal?recipient=…&status=…: everything that happened to every message found.
Reply trace(const Services* services, Request request) {
  auto query = query_of(request);
  if (!query) co_return query.error();
  const auto events = co_await services->journal.trace(std::move(*query));
  if (!events) co_return io::http::problem(503, to_string(events.error()));
  boost::json::array all;
  for (const auto& event : *events) all.push_back(json_of(event));
  co_return reply(boost::json::object{{"events", std::move(all)}});
}

}  // namespace

void add_message_calls(Routes& routes) {
  add(routes, Method::kGet, "/v1/accounts/{address}/mailboxes/{mailbox}/messages", list);
  add(routes, Method::kGet, "/v1/accounts/{address}/messages/{email}", show);
  add(routes, Method::kGet, "/v1/journal", trace);
}

}  // namespace veredus::doors::admin
