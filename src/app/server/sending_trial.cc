#include "app/server/sending_trial.h"

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <utility>

#include "base/types/result.h"
#include "wire/smtp/address.h"

namespace veredus::app::server {

namespace {

using work::delivery::NextHop;
using work::smtpclient::Outgoing;
using work::smtpclient::Peer;
using work::smtpclient::RecipientOutcome;
using Outcome = std::expected<void, std::string>;

constexpr std::size_t kReactor = 0;

work::smtpclient::TlsRule tls_rule(work::delivery::TlsRule rule) {
  switch (rule) {
    case work::delivery::TlsRule::kNever:
      return work::smtpclient::TlsRule::kNever;
    case work::delivery::TlsRule::kOpportunistic:
      return work::smtpclient::TlsRule::kOpportunistic;
    case work::delivery::TlsRule::kEncrypt:
      return work::smtpclient::TlsRule::kEncrypt;
    case work::delivery::TlsRule::kVerify:
      break;
  }
  return work::smtpclient::TlsRule::kVerify;
}

Peer peer_of(const NextHop& hop, std::string host_name, io::net::Endpoint address, std::string hello_name) {
  Peer peer{.host_name = std::move(host_name), .address = std::move(address)};
  peer.hello_name = std::move(hello_name);
  peer.tls = tls_rule(hop.tls);
  peer.implicit_tls = hop.implicit_tls;
  if (hop.protocol == work::delivery::TransferProtocol::kLmtp) peer.protocol = work::smtpclient::Protocol::kLmtp;
  if (!hop.login) return peer;
  using Kind = work::smtpclient::Credentials::Kind;
  const bool token = hop.login->kind == work::delivery::SecretKind::kOAuthToken;
  peer.credentials = work::smtpclient::Credentials{
      .user = hop.login->user, .secret = hop.login->secret, .kind = token ? Kind::kOAuthToken : Kind::kPassword};
  return peer;
}

std::string words(const wire::smtp::Reply& reply) {
  auto text = wire::smtp::to_string(reply);
  for (auto& c : text)
    if (c == '\r' || c == '\n') c = ' ';
  while (text.ends_with(' ')) text.pop_back();
  return text;
}

/// nullopt: this host could not be reached, `failure` says why, and another may be tried.
asio::awaitable<std::optional<Outcome>> try_host(work::queue::Carrier* carrier, Peer peer,
                                                 std::shared_ptr<const Outgoing> letter, std::string* failure) {
  const auto host = peer.host_name;
  auto link = co_await carrier->open(kReactor, std::move(peer));
  if (!link) {
    const auto& why = link.error();
    *failure = host + ": " + std::string(to_string(why.error));
    if (why.reply) *failure += ": " + words(*why.reply);
    if (!why.detail.empty()) *failure += ": " + why.detail;
    if (why.error == work::smtpclient::ConnectionError::kAuthRejected) co_return Outcome(std::unexpect, *failure);
    co_return std::nullopt;
  }
  const auto result = co_await (*link)->send(std::move(letter), nullptr);
  carrier->give_back(kReactor, *std::move(link));
  const auto& recipient = result.recipients.front();
  if (recipient.kind == RecipientOutcome::Kind::kDelivered) co_return Outcome();
  std::string why = host + ": ";
  if (recipient.reply.code != 0)
    why += words(recipient.reply);
  else
    why += result.broken ? to_string(*result.broken) : std::string_view("the message was not taken");
  co_return Outcome(std::unexpect, std::move(why));
}

asio::awaitable<Outcome> try_hosts(work::queue::Carrier* carrier, std::string hello_name,
                                   doors::admin::SendingTrial trial) {
  const auto sender = wire::smtp::parse_mailbox(trial.sender);
  const auto recipient = wire::smtp::parse_mailbox(trial.recipient);
  if (!sender || !recipient) co_return Outcome(std::unexpect, "an address cannot be used");
  const auto site = co_await carrier->find(recipient->domain, trial.hop);
  if (!site) co_return Outcome(std::unexpect, std::string(to_string(site.error())));
  auto letter = std::make_shared<Outgoing>();
  letter->sender = *sender;
  letter->recipients.push_back({.address = *recipient, .notify = std::nullopt, .original = std::nullopt});
  letter->smtputf8 = needs_smtputf8(*sender) || needs_smtputf8(*recipient);
  letter->body = std::make_shared<work::smtpclient::MemoryBody>(std::move(trial.message));
  letter->after = work::smtpclient::After::kQuit;
  std::string failure = "no host of it has an address";
  for (const auto& host : site->hosts) {
    for (const auto& address : host.addresses) {
      auto peer = peer_of(trial.hop, host.name, address, hello_name);
      auto outcome = co_await try_host(carrier, std::move(peer), letter, &failure);
      if (outcome) co_return *std::move(outcome);
    }
  }
  co_return Outcome(std::unexpect, std::move(failure));
}

}  // namespace

asio::awaitable<std::expected<void, std::string>> try_sending(work::queue::Carrier* carrier,
                                                              asio::any_io_executor executor, std::string hello_name,
                                                              doors::admin::SendingTrial trial) {
  // A connection belongs to its reactor.
  auto work = try_hosts(carrier, std::move(hello_name), std::move(trial));
  co_return co_await asio::co_spawn(executor, std::move(work), asio::use_awaitable);
}

}  // namespace veredus::app::server
