#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "io/http/percent.h"
#include "rules/reportmail/presentation.h"

namespace veredus::app::cli {
namespace {

using boost::json::value;
using io::http::Method;

struct Options {
  std::string id, kind, domain;
  unsigned days = 30;
  unsigned limit = 100;
  bool raw = false;
  bool now = false;
};
using Shared = std::shared_ptr<Options>;

std::string text_at(const value& object, std::string_view name) { return std::string(object.at(name).as_string()); }
std::uint64_t number_at(const value& object, std::string_view name) {
  return object.at(name).to_number<std::uint64_t>();
}

std::string query_of(const Options& options) {
  std::string out = "?days=" + std::to_string(options.days);
  if (!options.domain.empty()) out += "&domain=" + io::http::percent_encode(options.domain);
  return out;
}

void show_list(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& report : answer.at("reports").as_array())
    rows.push_back({text_at(report, "id"), text_at(report, "kind"), text_at(report, "begin").substr(0, 10),
                    text_at(report, "domain"), text_at(report, "organization"),
                    std::to_string(number_at(report, "total")), std::to_string(number_at(report, "passed"))});
  print_table({"ID", "KIND", "DAY", "DOMAIN", "BY", "TOTAL", "GOOD"}, rows);
}

int list(const Invocation& invocation, const Shared& options) {
  std::string target = "/v1/reports" + query_of(*options) + "&limit=" + std::to_string(options->limit);
  if (!options->kind.empty()) target += "&kind=" + io::http::percent_encode(options->kind);
  return call_and_show(invocation, Method::kGet, target, nullptr, show_list);
}

void show_dmarc_sums(const value& answer) {
  for (const auto& domain : answer.at("domains").as_array()) {
    std::cout << fmt::format("{}: {} messages in {} reports, {} passed\n", text_at(domain, "domain"),
                             number_at(domain, "total"), number_at(domain, "reports"), number_at(domain, "passed"));
    std::vector<std::vector<std::string>> rows;
    for (const auto& source : domain.at("sources").as_array())
      rows.push_back({text_at(source, "name"), text_at(source, "detail"), std::to_string(number_at(source, "count")),
                      std::to_string(number_at(source, "passed")), std::to_string(number_at(source, "dkim")),
                      std::to_string(number_at(source, "spf")), std::to_string(number_at(source, "quarantined")),
                      std::to_string(number_at(source, "rejected"))});
    print_table({"SOURCE", "FROM", "MESSAGES", "PASSED", "DKIM", "SPF", "JUNKED", "REFUSED"}, rows);
  }
  if (answer.at("domains").as_array().empty()) std::cout << "no reports on DMARC in these days\n";
}

void show_tls_sums(const value& answer) {
  for (const auto& domain : answer.at("domains").as_array()) {
    std::cout << fmt::format("{}: {} sessions in {} reports, {} good\n", text_at(domain, "domain"),
                             number_at(domain, "total"), number_at(domain, "reports"), number_at(domain, "passed"));
    std::vector<std::vector<std::string>> rows;
    for (const auto& source : domain.at("sources").as_array())
      rows.push_back({text_at(source, "name"), text_at(source, "detail"), std::to_string(number_at(source, "count"))});
    if (!rows.empty()) print_table({"FAILURE", "HOST", "SESSIONS"}, rows);
  }
  if (answer.at("domains").as_array().empty()) std::cout << "no reports on TLS in these days\n";
}

int sum_dmarc(const Invocation& invocation, const Shared& options) {
  return call_and_show(invocation, Method::kGet, "/v1/reports/sums/dmarc" + query_of(*options), nullptr,
                       show_dmarc_sums);
}

int sum_tls(const Invocation& invocation, const Shared& options) {
  return call_and_show(invocation, Method::kGet, "/v1/reports/sums/tls" + query_of(*options), nullptr, show_tls_sums);
}

/// Exit code 1: there is no report in it, or none that can be read.
int print_report(std::string_view octets, bool as_json) {
  const auto report = rules::reportmail::read_report(octets);
  if (as_json)
    std::cout << boost::json::serialize(report ? rules::reportmail::json_of(*report)
                                               : rules::reportmail::json_of(report.error()))
              << "\n";
  else if (report)
    std::cout << rules::reportmail::text_of(*report);
  else
    std::cout << to_string(report.error().error) << ": " << report.error().why << "\n";
  return report ? kOk : kFailed;
}

/// The document itself, read here: reports may be large, and nobody else has to wait for it.
int show(const Invocation& invocation, const Shared& options) {
  auto client = invocation.client();
  if (!client) return kBadConfig;
  const auto document = client->fetch(path_of("reports", options->id) + "/document");
  if (!document) return client->exit_code();
  if (options->raw) {
    std::cout << *document;
    return kOk;
  }
  return print_report(*document, invocation.json);
}

int remove(const Invocation& invocation, const Shared& options) {
  return call_and_show(invocation, Method::kDelete, path_of("reports", options->id), nullptr, [](const value&) {});
}

void show_senders(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& sender : answer.at("senders").as_array())
    rows.push_back({text_at(sender, "name"), text_at(sender, "kind"), text_at(sender, "first_seen").substr(0, 10),
                    text_at(sender, "last_seen").substr(0, 10), std::to_string(number_at(sender, "accepted")),
                    std::to_string(number_at(sender, "junk")), std::to_string(number_at(sender, "refused")),
                    std::to_string(number_at(sender, "put_off"))});
  print_table({"SENDER", "KNOWN BY", "SINCE", "LAST", "ACCEPTED", "JUNK", "REFUSED", "PUT OFF"}, rows);
}

int senders(const Invocation& invocation, const Shared& options) {
  std::string target = "/v1/senders?limit=" + std::to_string(options->limit);
  if (!options->domain.empty()) target += "&domain=" + io::http::percent_encode(options->domain);
  return call_and_show(invocation, Method::kGet, target, nullptr, show_senders);
}

void show_sent(const value& answer) {
  std::cout << fmt::format("{} sent, {} not wanted, {} to be tried again\n", number_at(answer, "sent"),
                           number_at(answer, "not_wanted"), number_at(answer, "waiting"));
}

int send(const Invocation& invocation, const Shared& options) {
  if (!options->now) {
    std::cerr << "veredus: reports leave by themselves after midnight (UTC); --now sends what was counted until now\n";
    return kUsage;
  }
  return call_and_show(invocation, Method::kPost, "/v1/reports/send", boost::json::object(), show_sent);
}

int import_report(const Invocation& invocation, const Shared& /*options*/) {
  auto client = invocation.client();
  if (!client) return kBadConfig;
  const auto answer = client->send(Method::kPost, "/v1/reports", read_input());
  if (!answer) return client->exit_code();
  if (invocation.json)
    std::cout << boost::json::serialize(*answer) << "\n";
  else
    std::cout << fmt::format("{}: {} report about {}\n", text_at(*answer, "result"), text_at(*answer, "kind"),
                             text_at(*answer, "domain"));
  return kOk;
}

/// Without a server: what is in it.
int check(const Invocation& invocation) { return print_report(read_input(), invocation.json); }

void add_scope(CLI::App& command, const Shared& options) {
  command.add_option("--domain", options->domain, "about this domain and those below it");
  command.add_option("--days", options->days, "received in the last so many days")
      ->check(CLI::Range(1, 3650))
      ->capture_default_str();
}

}  // namespace

void add_report_commands(CLI::App& app, Invocation& invocation) {
  auto* report = app.add_subcommand("report", "what others report about our domains, and what we report");
  report->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  add_scope(*add_action(*report, invocation, options, "dmarc", "who sends as our domains, and what passes", sum_dmarc),
            options);
  add_scope(*add_action(*report, invocation, options, "tls", "how TLS goes with our hosts", sum_tls), options);
  auto* listing = add_action(*report, invocation, options, "list", "reports that came, the newest first", list);
  add_scope(*listing, options);
  listing->add_option("--kind", options->kind, "dmarc, tls or failure");
  listing->add_option("--limit", options->limit)->check(CLI::Range(1, 1000))->capture_default_str();
  auto* showing = add_action(*report, invocation, options, "show", "one report, all of it", show);
  showing->add_option("id", options->id, "the ID of report list")->required();
  showing->add_flag("--raw", options->raw, "the document as it came, unpacked");
  auto* removing = add_action(*report, invocation, options, "delete", "forget a report that came", remove);
  removing->add_option("id", options->id, "the ID of report list")->required();
  auto* senders_of_ours = add_action(*report, invocation, options, "senders",
                                     "who sends us mail, since when, and what became of it", senders);
  senders_of_ours->add_option("--domain", options->domain, "this registered domain alone");
  senders_of_ours->add_option("--limit", options->limit)->check(CLI::Range(1, 10'000))->capture_default_str();
  auto* sending = add_action(*report, invocation, options, "send", "send our reports before their time", send);
  sending->add_flag("--now", options->now, "close the day's period now, and send everything that waits");
  add_action(*report, invocation, options, "import",
             "read a message or file with a report from standard input, and keep it", import_report);
}

void add_report_check(CLI::App& check_command, Invocation& invocation) {
  auto* command = add_command(check_command, invocation, "report",
                              "read a report from standard input (a message; XML, JSON, gzip, zip) and print it");
  command->callback([&invocation] { invocation.command = [&invocation] { return check(invocation); }; });
}

}  // namespace veredus::app::cli
