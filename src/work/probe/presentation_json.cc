#include <boost/json.hpp>

#include "base/codec/date.h"
#include "base/codec/utf8.h"
#include "work/probe/presentation.h"

namespace veredus::work::probe {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

value time_of(SystemTime time) { return value(base::codec::format_rfc3339(time)); }

template <class Text>
array strings_of(const std::vector<Text>& texts) {
  array all;
  for (const auto& text : texts) all.emplace_back(text);
  return all;
}

value of(const std::optional<io::dns::DnsError>& error) {
  if (!error) return nullptr;
  return value(to_string(*error));
}

value of(const wire::smtp::Reply& reply) {
  if (reply.code == 0) return nullptr;
  object out{{"code", reply.code}, {"text", reply.text}};
  if (reply.status.klass != 0) out["status"] = to_string(reply.status);
  return out;
}

value of(const Certificate& certificate) {
  return object{{"subject", certificate.subject},
                {"issuer", certificate.issuer},
                {"names", strings_of(certificate.names)},
                {"not_before", time_of(certificate.not_before)},
                {"not_after", time_of(certificate.not_after)},
                {"key", certificate.key},
                {"signature", certificate.signature},
                {"sha256", certificate.sha256},
                {"self_signed", certificate.self_signed}};
}

value of(const std::optional<Tls>& tls) {
  if (!tls) return nullptr;
  array chain;
  for (const auto& certificate : tls->chain.certificates) chain.push_back(of(certificate));
  return object{
      {"implicit", tls->implicit},       {"handshake_ms", tls->took.count()},       {"version", tls->version},
      {"cipher", tls->cipher},           {"cipher_bits", tls->cipher_bits},         {"trusted", tls->chain.trusted},
      {"distrust", tls->chain.distrust}, {"name_matches", tls->chain.name_matches}, {"chain", std::move(chain)}};
}

value of(const std::optional<wire::smtp::Capabilities>& capabilities, const std::vector<std::string>& keywords) {
  if (!capabilities) return nullptr;
  object out{{"name", capabilities->name},
             {"keywords", strings_of(keywords)},
             {"pipelining", capabilities->pipelining},
             {"eight_bit_mime", capabilities->eight_bit_mime},
             {"smtputf8", capabilities->smtputf8},
             {"chunking", capabilities->chunking},
             {"dsn", capabilities->dsn},
             {"starttls", capabilities->start_tls},
             {"requiretls", capabilities->require_tls},
             {"auth", strings_of(capabilities->auth)}};
  out["size"] = capabilities->size ? value(*capabilities->size) : value(nullptr);
  return out;
}

array of(const std::vector<Trial>& trials) {
  array all;
  for (const auto& trial : trials)
    all.push_back(object{{"kind", to_string(trial.kind)},
                         {"sender", trial.sender},
                         {"recipient", trial.recipient},
                         {"accepted", trial.accepted()},
                         {"mail", of(trial.mail)},
                         {"rcpt", of(trial.rcpt)}});
  return all;
}

array of(const std::vector<DialogueLine>& dialogue) {
  constexpr std::string_view kSides[] = {"client", "server", "note"};
  array all;
  for (const auto& line : dialogue)
    all.push_back(
        object{{"at_ms", line.at.count()}, {"from", kSides[static_cast<std::size_t>(line.side)]}, {"text", line.text}});
  return all;
}

value of(const Session& session) {
  object out{{"host", session.host},
             {"address", session.address.to_string()},
             {"connected", !session.unreachable},
             {"stage", to_string(session.stage)},
             {"failure", session.failure},
             {"connect_ms", session.connect_took.count()},
             {"greeting_ms", session.greeting_took.count()},
             {"took_ms", session.took.count()},
             {"reverse_names", strings_of(session.reverse_names)},
             {"reverse_confirmed", session.reverse_confirmed},
             {"reverse_error", of(session.reverse_error)},
             {"esmtp", session.extended}};
  out["greeting"] = session.greeting ? of(*session.greeting) : value(nullptr);
  out["before_tls"] = of(session.plain, session.plain_keywords);
  out["after_tls"] = of(session.secure, session.secure_keywords);
  out["tls"] = of(session.tls);
  out["tls_failure"] = session.tls_failure;
  out["pipelining_works"] = session.pipelining_works ? value(*session.pipelining_works) : value(nullptr);
  out["trials"] = of(session.trials);
  if (const auto& login = session.authentication)
    out["authentication"] = object{{"mechanism", login->mechanism},
                                   {"done", login->done()},
                                   {"failure", login->failure},
                                   {"reply", of(login->reply)}};
  if (const auto& sending = session.sending)
    out["message"] = object{{"message_id", sending->message_id},
                            {"accepted", sending->done()},
                            {"command", sending->command},
                            {"reply", of(sending->reply)},
                            {"took_ms", sending->took.count()}};
  out["dialogue"] = of(session.dialogue);
  return out;
}

value of(const Domain& domain) {
  array hosts;
  for (const auto& host : domain.hosts) {
    array addresses;
    for (const auto& address : host.addresses) addresses.emplace_back(address.to_string());
    hosts.push_back(object{{"name", host.name},
                           {"preference", host.preference},
                           {"alias", host.is_alias},
                           {"tlsa", host.tlsa},
                           {"error", of(host.error)},
                           {"addresses", std::move(addresses)}});
  }
  return object{{"name", domain.name},
                {"route", to_string(domain.route)},
                {"error", of(domain.error)},
                {"dnssec", domain.authentic},
                {"hosts", std::move(hosts)}};
}

}  // namespace

std::string json_of(const Report& report) {
  object out{{"target", report.target},
             {"at", time_of(report.at)},
             {"grade", std::string(1, report.grade)},
             {"summary", report.summary}};
  array findings;
  for (const auto& finding : report.findings)
    findings.push_back(object{{"severity", to_string(finding.severity)},
                              {"code", finding.code},
                              {"where", finding.where},
                              {"text", finding.text},
                              {"remedy", finding.remedy}});
  out["findings"] = std::move(findings);
  if (report.domain) out["domain"] = of(*report.domain);
  array sessions;
  for (const auto& session : report.sessions) sessions.push_back(of(session));
  out["sessions"] = std::move(sessions);
  out["skipped"] = report.skipped;
  return base::codec::replace_invalid_utf8(boost::json::serialize(out));  // servers say what they like
}

}  // namespace veredus::work::probe
