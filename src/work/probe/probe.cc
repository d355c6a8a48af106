#include "work/probe/probe.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/codec/ascii.h"
#include "io/dns/name.h"
#include "io/dns/resolver.h"
#include "work/probe/judgement.h"
#include "work/probe/mail_hosts.h"
#include "work/probe/session_probe.h"

namespace veredus::work::probe {
namespace {

/// One connection that is to be made.
struct Appointment {
  std::string host;
  io::net::Endpoint address;
};

/// What a running probe has: the caller's coroutine owns it and joins all that gets a pointer to it.
struct Run {
  Surroundings surroundings;
  Options options;
  OnProgress progress;
  Report report;
  std::string trial_domain;
  SteadyTime began;

  void tell(std::size_t done, std::size_t total, std::string doing) const {
    if (progress) progress({.done = done, .total = total, .doing = std::move(doing)});
  }
};

Run begin(Surroundings surroundings, std::string target, Options options, OnProgress progress) {
  Run run{.surroundings = surroundings, .options = std::move(options), .progress = std::move(progress)};
  run.began = surroundings.clock->steady_now();
  run.report.target = std::move(target);
  run.report.at = surroundings.clock->now();
  return run;
}

std::vector<Appointment> appointments_of(const std::string& host, const std::vector<io::net::IpAddress>& addresses,
                                         std::uint16_t port, const Options& options) {
  std::vector<Appointment> all;
  for (const auto& address : addresses)
    if (address.is_v6() ? options.use_ipv6 : options.use_ipv4)
      all.push_back({host, io::net::Endpoint::ip(address, port)});
  return all;
}

/// The names of the address, and whether one of them leads back to it (RFC 8601 s2.7.3 calls it iprev).
asio::awaitable<void> look_back(io::dns::Resolver* resolver, Session* session) {
  const auto address = session->address.address;
  const auto names = co_await resolver->ptr(address);
  if (!names) {
    session->reverse_error = names.error();
    co_return;
  }
  session->reverse_names = names->records;
  constexpr std::size_t kNames = 10;
  for (std::size_t i = 0; i < std::min(kNames, session->reverse_names.size()) && !session->reverse_confirmed; ++i) {
    auto addresses = address.is_v6() ? co_await resolver->aaaa(session->reverse_names[i])
                                     : co_await resolver->a(session->reverse_names[i]);
    session->reverse_confirmed =
        addresses && std::ranges::find(addresses->records, address) != addresses->records.end();
  }
}

asio::awaitable<void> meet(Run* run, Appointment appointment) {
  Session session{.host = std::move(appointment.host), .address = std::move(appointment.address)};
  if (!run->options.guard.permits(session.address.address)) {
    session.unreachable = true;
    session.failure = "this address may not be probed from here: it is not public";
    run->report.sessions.push_back(std::move(session));
    co_return;
  }
  co_await look_back(run->surroundings.resolver, &session);
  SessionProbe probe(run->surroundings, &session, &run->options, run->trial_domain);
  co_await probe.run();
  run->report.sessions.push_back(std::move(session));
}

asio::awaitable<void> meet_all(Run* run, std::vector<Appointment> appointments) {
  const auto total = std::min(appointments.size(), run->options.max_sessions);
  std::size_t met = 0;
  for (; met < total; ++met) {
    if (run->surroundings.clock->steady_now() - run->began > run->options.in_all) break;
    run->tell(met, total, appointments[met].host + ", " + appointments[met].address.to_string());
    co_await meet(run, appointments[met]);
  }
  run->report.skipped = appointments.size() - met;
  run->tell(total, total, "done");
}

}  // namespace

std::string_view to_string(TargetError error) {
  switch (error) {
    case TargetError::kEmpty:
      return "no host";
    case TargetError::kHost:
      return "neither a host name nor an address";
    case TargetError::kPort:
      return "a port is a number from 1 to 65535";
    case TargetError::kGuard:
      return "this port may not be probed";
  }
  return "unknown error";
}

std::expected<Target, TargetError> parse_target(std::string_view text) {
  if (text.empty()) return std::unexpected(TargetError::kEmpty);
  Target target;
  if (io::net::IpAddress::parse(text)) {
    target.host = text;
    return target;
  }
  const auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  if (colon != std::string_view::npos && !text.ends_with(']')) {
    const auto port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), target.port);
    if (error != std::errc{} || end != port.data() + port.size() || target.port == 0)
      return std::unexpected(TargetError::kPort);
  } else {
    host = text;
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto address = io::net::IpAddress::parse(host.substr(1, host.size() - 2));
    if (!address) return std::unexpected(TargetError::kHost);
    target.host = address->to_string();
    return target;
  }
  if (host.empty()) return std::unexpected(TargetError::kEmpty);
  auto name = io::dns::query_name(host);
  const bool is_host = name && (*name != ".") && (io::net::IpAddress::parse(*name) || !name->contains('_'));
  if (!is_host) return std::unexpected(TargetError::kHost);
  target.host = *std::move(name);
  return target;
}

asio::awaitable<Report> probe_server(Surroundings surroundings, Target target, Options options, OnProgress progress) {
  auto run = begin(surroundings, target.host + " port " + std::to_string(target.port), std::move(options),
                   std::move(progress));
  run.trial_domain = run.options.recipient ? run.options.recipient->domain : std::string();
  run.tell(0, 0, "asking DNS about " + target.host);
  MailHost host{.name = target.host};
  if (const auto literal = io::net::IpAddress::parse(target.host))
    host.addresses = {*literal};
  else
    co_await find_addresses(surroundings.resolver, &host);
  auto appointments = appointments_of(host.name, host.addresses, target.port, run.options);
  if (appointments.empty()) {
    Session session{.host = host.name, .address = io::net::Endpoint::ip({}, target.port)};
    session.unreachable = true;
    session.failure = host.error ? "no address: " + std::string(to_string(*host.error)) : "no address";
    run.report.sessions.push_back(std::move(session));
  }
  co_await meet_all(&run, std::move(appointments));
  judge(run.report);
  co_return std::move(run.report);
}

asio::awaitable<Report> probe_domain(Surroundings surroundings, std::string domain, Options options,
                                     OnProgress progress) {
  auto run = begin(surroundings, domain, std::move(options), std::move(progress));
  run.tell(0, 0, "asking DNS about " + domain);
  run.report.domain = co_await find_mail_hosts(surroundings.resolver, domain);
  run.trial_domain = run.report.domain->name;
  if (!run.options.recipient && run.options.send)
    run.options.recipient = wire::smtp::Address{.local_part = "postmaster", .domain = run.trial_domain};
  std::vector<Appointment> appointments;
  for (const auto& host : run.report.domain->hosts) {
    auto more = appointments_of(host.name, host.addresses, run.options.mail_port, run.options);
    std::ranges::move(more, std::back_inserter(appointments));
  }
  co_await meet_all(&run, std::move(appointments));
  judge(run.report);
  co_return std::move(run.report);
}

}  // namespace veredus::work::probe
