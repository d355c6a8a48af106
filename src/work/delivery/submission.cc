#include "work/delivery/submission.h"

#include <utility>

#include "base/types/result.h"

namespace veredus::work::delivery {

asio::awaitable<std::expected<SubmissionOutcome, DeliveryError>> submit(Router* router, Receptions* receptions,
                                                                        OwnMessage message) {
  SubmissionOutcome outcome;
  Envelope envelope;
  envelope.sender = std::move(message.sender);
  envelope.declared_octets = message.octets.size();
  envelope.id = message.id;
  envelope.smtputf8 = message.smtputf8;
  envelope.require_tls = message.require_tls;
  envelope.is_ours = !message.approved;
  envelope.body = wire::smtp::Body::k8BitMime;
  envelope.circumstances.emplace_back("protocol", "LOCAL");
  envelope.circumstances.emplace_back("origin", std::move(message.origin));
  for (auto& address : message.recipients) {
    RouteQuery query{.recipient = address, .asker = Asker::kAuthenticated, .declared_octets = message.octets.size()};
    if (envelope.sender) query.sender = &*envelope.sender;
    query.approved = message.approved;
    query.route = message.route;
    auto verdict = co_await router->route(std::move(query));
    if (verdict) {
      Recipient recipient{.address = std::move(address), .targets = std::move(verdict->local)};
      recipient.remote = std::move(verdict->remote);
      recipient.returned = std::move(verdict->returned);
      recipient.own_mailbox = verdict->own_mailbox;
      // RFC 3461 s6.1: nobody is told what became of a report.
      if (!envelope.sender) recipient.notify = wire::smtp::Notify{.never = true};
      envelope.recipients.push_back(std::move(recipient));
    } else {
      outcome.refused.push_back({.recipient = std::move(address), .refusal = verdict.error()});
    }
  }
  if (envelope.recipients.empty()) co_return outcome;
  VEREDUS_CO_TRY(auto reception, receptions->begin(std::move(envelope)));
  VEREDUS_CO_TRY(co_await reception.write(std::move(message.octets)));
  VEREDUS_CO_TRY(outcome.accepted, co_await reception.commit(std::move(message.trace)));
  co_return outcome;
}

asio::awaitable<Settlement> submit_own(Router* router, Receptions* receptions, OwnMessage message) {
  const auto settled_by = [](Permanence permanence) {
    return permanence == Permanence::kPermanent ? Settled::kRefused : Settled::kTryLater;
  };
  const auto outcome = co_await submit(router, receptions, std::move(message));
  if (!outcome)
    co_return Settlement{.settled = settled_by(permanence(outcome.error())),
                         .why = std::string(to_string(outcome.error()))};
  Settlement settlement;
  for (const auto& [recipient, refusal] : outcome->refused) {
    if (settlement.why.empty()) settlement.why = to_string(refusal);
    if (permanence(refusal) == Permanence::kTemporary) settlement.settled = Settled::kTryLater;
  }
  if (settlement.settled == Settled::kTaken && !outcome->accepted) settlement.settled = Settled::kRefused;
  co_return settlement;
}

}  // namespace veredus::work::delivery
