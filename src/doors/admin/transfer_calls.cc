#include "doors/admin/calls.h"
#include "state/directory/directory.h"
#include "state/mailbox/mailboxes.h"
#include "work/transfer/message_batch.h"
#include "work/transfer/message_intake.h"

/// Messages into and out of mailboxes, many at a time (work/transfer/message_batch.h). For the machine's own
/// administrator alone: bodies are large.
namespace veredus::doors::admin {
namespace {

using io::http::Method;
using io::http::Request;
using io::http::Response;
using namespace work;

constexpr std::size_t kExportOctets = 8 * 1024 * 1024;  // of one answer; a larger message stands alone
constexpr std::uint32_t kExportMessages = 500;
constexpr std::chrono::hours kRemembered{24 * 400};

Outcome<void> local_alone(const Request& request) {
  if (request.local_peer) return {};
  return std::unexpected(io::http::problem(403, "local-only", "this is done on the server's own machine"));
}

/// The whole body into one mailbox, which is made when it is missing.
Reply import_messages(const Services* services, Request request) {
  if (const auto local = local_alone(request); !local) co_return local.error();
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto account = services->directory.account(*id);
  auto& mailboxes = services->mailboxes;
  std::string name(request.parameter("mailbox"));
  auto mailbox = co_await mailboxes.find(*id, name);
  if (!mailbox && mailbox.error() == state::mailbox::MailboxError::kNoSuchMailbox)
    mailbox = co_await mailboxes.create(*id, name, state::mailbox::SpecialUse::kNone);
  if (!mailbox) co_return problem_of(mailbox.error());
  state::mailbox::QuotaLimits limits;
  if (account) limits = {account->quota.octets, account->quota.messages};
  transfer::MessageIntake intake(&mailboxes, &services->clock, *id, mailbox->id, limits,
                                 services->clock.now() + kRemembered);
  transfer::BatchReader batch(request.body);
  while (true) {
    auto message = batch.next();
    if (!message) co_return bad_request(to_string(message.error()));
    if (!*message) break;
    auto& one = **message;
    transfer::Brought what;
    what.key = transfer::message_key(
        {"import", std::to_string(mailbox->id.value), std::string(one.octets), std::to_string(one.nth)});
    what.flags = one.flags;
    what.keywords = std::move(one.keywords);
    what.date = one.date;
    co_await intake.feed(std::string(one.octets));
    const auto ended = co_await intake.end(std::move(what));
    if (!ended) co_return problem_of(ended.error());
  }
  const auto flushed = co_await intake.flush();
  if (!flushed) co_return problem_of(flushed.error());
  const auto& counts = intake.counts();
  co_return reply(boost::json::object{
      {"stored", counts.stored}, {"already_there", counts.already_there}, {"octets", counts.octets}});
}

using Body = std::expected<std::string, state::mailbox::MailboxError>;

asio::awaitable<Body> whole_body(state::mailbox::Mailboxes* mailboxes, AccountId account,
                                 state::mailbox::StoredBody body) {
  std::string octets;
  octets.reserve(body.octets);
  while (octets.size() < body.octets) {
    const auto some = co_await mailboxes->read_body(account, body, octets.size(), state::mailbox::kChunkOctets);
    if (!some) co_return std::unexpected(some.error());
    if (some->empty()) break;
    octets.append(*some);
  }
  co_return octets;
}

/// Messages after the UID of ?after=, as many as fit one answer; none: that was all.
Reply export_messages(const Services* services, Request request) {
  if (const auto local = local_alone(request); !local) co_return local.error();
  const auto id = account_of(*services, request);
  if (!id) co_return id.error();
  const auto after = number_of(request.query_value("after").empty() ? "0" : request.query_value("after"));
  if (!after || *after >= state::mailbox::kLastUid.value) co_return bad_request("'after' wants a UID");
  auto& mailboxes = services->mailboxes;
  std::string name(request.parameter("mailbox"));
  const auto mailbox = co_await mailboxes.find(*id, std::move(name));
  if (!mailbox) co_return problem_of(mailbox.error());
  const Uid first(static_cast<std::uint32_t>(*after + 1));
  const auto page = co_await mailboxes.messages(*id, mailbox->id, first, state::mailbox::kLastUid, kExportMessages);
  if (!page) co_return problem_of(page.error());
  Response answer{.content_type = "application/octet-stream"};
  for (const auto& message : page->messages) {
    if (!answer.body.empty() && answer.body.size() + message.body.octets > kExportOctets) break;
    const auto octets = co_await whole_body(&mailboxes, *id, message.body);
    if (!octets && octets.error() == state::mailbox::MailboxError::kNoSuchEmail) continue;  // gone meanwhile
    if (!octets) co_return problem_of(octets.error());
    transfer::BatchMessage one;
    one.uid = message.uid;
    one.flags = message.flags;
    one.keywords = state::mailbox::keyword_names(mailbox->keywords, message.keywords);
    one.date = message.internal_date;
    one.octets = *octets;
    transfer::append_to_batch(answer.body, one);
  }
  co_return answer;
}

}  // namespace

void add_transfer_calls(Routes& routes) {
  add(routes, Method::kPost, "/v1/accounts/{address}/mailboxes/{mailbox}/import", import_messages);
  add(routes, Method::kGet, "/v1/accounts/{address}/mailboxes/{mailbox}/export", export_messages);
}

}  // namespace veredus::doors::admin
