#include <fmt/format.h>

#include <utility>

#include "app/server/block_on.h"
#include "app/server/parts.h"
#include "work/delivery/submission.h"

namespace veredus::app::server {
namespace {

using work::delivery::Settled;
using work::reports::Submitted;

/// A report leaves like any message of our own, under an id it has for ever.
asio::awaitable<Submitted> submit_letter(work::delivery::Router* router, work::delivery::Receptions* receptions,
                                         work::reports::ReportLetter letter) {
  const auto sender = wire::smtp::parse_mailbox(letter.from);
  auto recipient = wire::smtp::parse_mailbox(letter.to);
  if (!sender || !recipient) co_return Submitted::kRefused;
  work::delivery::OwnMessage message;
  message.sender = *sender;
  message.recipients.push_back(*std::move(recipient));
  message.octets = std::move(letter.octets);
  message.origin = "report to a domain";
  message.id = letter.id;
  const auto done = co_await work::delivery::submit_own(router, receptions, std::move(message));
  if (done.settled == Settled::kTryLater) co_return Submitted::kTryLater;
  co_return done.settled == Settled::kTaken ? Submitted::kTaken : Submitted::kRefused;
}

}  // namespace

/// Once there is DNS, and before anything is counted or delivered.
std::expected<void, std::string> Server::Parts::open_reports() {
  report_poster.emplace(&reactors, resolver, configuration.policy_fetch.tls, configuration.probe_guard);
  // Asked for only when everything stands.
  auto submit = [this](work::reports::ReportLetter letter) {
    return submit_letter(&*router, &*receptions, std::move(letter));
  };
  work::reports::Reports::Parts parts{.clock = clock,
                                      .engine = *engine,
                                      .resolver = *resolver,
                                      .mailboxes = *mailboxes,
                                      .workers = workers,
                                      .tasks = reactors[0].tasks(),
                                      .log = log,
                                      .metrics = metrics,
                                      .journal = *journal,
                                      .submit = std::move(submit),
                                      .poster = &*report_poster,
                                      .hostname = configuration.hostname};
  reports.emplace(std::move(parts), configuration.reports);
  const auto opened = run_here(reports->open());
  if (!opened)
    return std::unexpected(fmt::format("the counts for reports cannot be read: {}", to_string(opened.error())));
  carrier->set_outcomes(&reports->counting());
  return {};
}

}  // namespace veredus::app::server
