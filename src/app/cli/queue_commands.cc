#include <fmt/format.h>

#include <boost/json.hpp>
#include <chrono>
#include <iostream>
#include <memory>

#include "app/cli/commands.h"
#include "app/cli/queue_top.h"
#include "app/cli/terminal.h"
#include "app/config/table_reader.h"
#include "base/codec/date.h"
#include "base/types/clock.h"
#include "io/http/percent.h"

namespace veredus::app::cli {
namespace {

using boost::json::object;
using boost::json::value;
using io::http::Method;

struct Options {
  // Which entries.
  std::string id, sender, recipient, domain, submitter, of_route, reason, older_than;
  bool held = false, by_mx = false, all = false;
  // What to do.
  std::string because, route;
  bool tell_sender = false, everything = false, count = false, once = false;
  std::uint64_t limit = 100;
  std::string every = "2s";
};
using Shared = std::shared_ptr<Options>;
using Action = int (*)(const Invocation&, const Shared&);

constexpr std::uint64_t kPage = 1000;

/// "12m" -> 720. nullopt: said on standard error.
std::optional<std::uint64_t> seconds_of(const std::string& text) {
  const auto age = config::parse_duration(text);
  if (age) return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(*age).count());
  std::cerr << "veredus: '" << text << "' is no length of time such as 30m, 4h or 2d\n";
  return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> query_of(const Options& options, std::uint64_t older_than) {
  std::vector<std::pair<std::string, std::string>> query;
  for (const auto& [name, text] : {std::pair{"id", &options.id}, std::pair{"sender", &options.sender},
                                   std::pair{"recipient", &options.recipient}, std::pair{"domain", &options.domain},
                                   std::pair{"submitter", &options.submitter}, std::pair{"reason", &options.reason}})
    if (!text->empty()) query.emplace_back(name, *text);
  if (!options.of_route.empty()) query.emplace_back("route", options.of_route == "none" ? "" : options.of_route);
  if (older_than != 0) query.emplace_back("older_than", std::to_string(older_than));
  if (options.held) query.emplace_back("held", "true");
  return query;
}

std::string encoded(const std::vector<std::pair<std::string, std::string>>& query) {
  std::string text;
  for (const auto& [name, given] : query)
    text += (text.empty() ? "?" : "&") + name + "=" + io::http::percent_encode(given);
  return text;
}

std::string text_of(const value& one, std::string_view name) {
  const auto& field = one.at(name);
  return field.is_null() ? "" : std::string(field.as_string());
}
std::uint64_t number_of(const value& one, std::string_view name) { return one.at(name).to_number<std::uint64_t>(); }

/// "now", "in 5m", "in 3h".
std::string until(const std::string& time) {
  const auto parsed = base::codec::parse_rfc3339(time);
  if (!parsed) return time;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(parsed->time - MachineClock().now()).count();
  if (seconds <= 0) return "now";
  if (seconds < 120) return fmt::format("in {}s", seconds);
  if (seconds < 7200) return fmt::format("in {}m", seconds / 60);
  return seconds < 172'800 ? fmt::format("in {}h", seconds / 3600) : fmt::format("in {}d", seconds / 86'400);
}

std::string recipients_of(const value& entry) {
  const auto& all = entry.at("recipients").as_array();
  const auto first = all.empty() ? std::string() : text_of(all.front(), "address");
  return all.size() > 1 ? fmt::format("{} and {} more", first, all.size() - 1) : first;
}

/// Why it is still here.
std::string reason_of(const value& entry) {
  if (auto why = text_of(entry, "hold_reason"); !why.empty()) return why;
  if (auto why = text_of(entry, "last_failure"); !why.empty()) return why;
  for (const auto& recipient : entry.at("recipients").as_array())
    if (auto why = text_of(recipient, "last_reply"); !why.empty()) return why;
  return "";
}

std::string sender_of(const value& entry) {
  return entry.at("sender").is_null() ? "<>" : std::string(entry.at("sender").as_string());
}

void show_list(const value& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& entry : answer.at("entries").as_array())
    rows.push_back({text_of(entry, "id"), text_of(entry, "state"), until(text_of(entry, "due")),
                    std::to_string(number_of(entry, "attempts")), shown_size(number_of(entry, "octets")),
                    sender_of(entry), recipients_of(entry), reason_of(entry)});
  print_table({"ID", "STATE", "NEXT", "TRIED", "SIZE", "SENDER", "TO", "WHY"}, rows);
  if (!answer.at("next").is_null()) std::cout << "… more: --limit, or --all for everything\n";
}

void show_one(const value& entry) {
  std::cout << text_of(entry, "id") << "\n";
  const auto line = [](std::string_view name, const std::string& text) {
    if (!text.empty()) std::cout << fmt::format("  {:13}{}\n", name, text);
  };
  line("sender", sender_of(entry));
  line("submitter", text_of(entry, "submitter"));
  line("destination", text_of(entry, "domain"));
  line("route", text_of(entry, "route"));
  line("state", text_of(entry, "state"));
  line("held because", text_of(entry, "hold_reason"));
  line("failure", text_of(entry, "last_failure"));
  line("accepted", text_of(entry, "accepted"));
  line("next attempt", text_of(entry, "due") + ", " + until(text_of(entry, "due")));
  line("given up", text_of(entry, "expires") + ", " + until(text_of(entry, "expires")));
  line("attempts", std::to_string(number_of(entry, "attempts")));
  if (const auto uncertain = number_of(entry, "uncertain"); uncertain != 0)
    line("uncertain", std::to_string(uncertain));
  line("size", shown_size(number_of(entry, "octets")));
  for (const auto& recipient : entry.at("recipients").as_array()) {
    line("to", text_of(recipient, "address"));
    line("", text_of(recipient, "last_reply"));
  }
}

void show_entries(const value& answer) {
  for (const auto& entry : answer.at("entries").as_array()) show_one(entry);
}

void show_count(const value& answer) {
  std::cout << fmt::format("{} entries, {} recipients, {}\n", number_of(answer, "entries"),
                           number_of(answer, "recipients"), shown_size(number_of(answer, "octets")));
}

/// Page by page, until so many were read.
int list(const Invocation& invocation, const Shared& options) {
  const auto age = options->older_than.empty() ? 0 : seconds_of(options->older_than);
  if (!age) return kUsage;
  auto query = query_of(*options, *age);
  if (options->count)
    return call_and_show(invocation, Method::kGet, "/v1/queue/count" + encoded(query), nullptr, show_count);
  auto client = invocation.client();
  if (!client) return kBadConfig;
  const auto limit = options->all ? UINT64_MAX : std::max<std::uint64_t>(1, options->limit);
  boost::json::array entries;
  value next = nullptr;
  do {
    auto page_query = query;
    page_query.emplace_back("limit", std::to_string(std::min(limit - entries.size(), kPage)));
    if (!next.is_null()) page_query.emplace_back("after", std::string(next.as_string()));
    auto page = client->call(Method::kGet, "/v1/queue" + encoded(page_query));
    if (!page) return client->exit_code();
    for (auto& entry : page->at("entries").as_array()) entries.push_back(std::move(entry));
    next = page->at("next");
  } while (!next.is_null() && entries.size() < limit);
  const value answer = object{{"entries", std::move(entries)}, {"next", std::move(next)}};
  if (invocation.json)
    std::cout << boost::json::serialize(answer) << "\n";
  else
    show_list(answer);
  return kOk;
}

int show(const Invocation& invocation, const Shared& options) {
  const auto path = "/v1/queue/entries/" + io::http::percent_encode(options->id);
  return call_and_show(invocation, Method::kGet, path, nullptr, show_entries);
}

/// One of the calls that change entries. `extra`: what it says besides which.
int change(const Invocation& invocation, const Shared& options, const std::string& call, object extra) {
  const auto age = options->older_than.empty() ? 0 : seconds_of(options->older_than);
  if (!age) return kUsage;
  object body = std::move(extra);
  if (*age == 0 && !options->all && query_of(*options, 0).empty()) {
    std::cerr << "veredus: say which entries, or --all\n";
    return kUsage;
  }
  for (const auto& [name, text] : query_of(*options, 0)) {
    if (name == "held")
      body[name] = true;
    else
      body[name == "route" ? "of_route" : name] = text;
  }
  if (*age != 0) body["older_than"] = *age;
  if (options->all) body["all"] = true;
  return call_and_show(invocation, Method::kPost, "/v1/queue/" + call, body, [&call](const value& answer) {
    std::cout << call << ": " << number_of(answer, "changed") << " entries\n";
  });
}

int retry(const Invocation& invocation, const Shared& options) { return change(invocation, options, "retry", {}); }
int hold(const Invocation& invocation, const Shared& options) {
  return change(invocation, options, "hold", {{"because", options->because}});
}
int release(const Invocation& invocation, const Shared& options) { return change(invocation, options, "release", {}); }
int drop(const Invocation& invocation, const Shared& options) {
  return change(invocation, options, "drop", {{"tell_sender", options->tell_sender}});
}
int reroute(const Invocation& invocation, const Shared& options) {
  return change(invocation, options, "reroute", {{"route", options->route == "none" ? "" : options->route}});
}

int stats(const Invocation& invocation, const Shared& /*options*/) {
  return call_and_show(invocation, Method::kGet, "/v1/queue/stats", nullptr,
                       [](const value& answer) { std::cout << queue_screen(answer, nullptr, {}); });
}

int top(const Invocation& invocation, const Shared& options) {
  const auto every = config::parse_duration(options->every);
  if (!every || *every < std::chrono::milliseconds(100)) {
    std::cerr << "veredus: --every wants a length of time such as 2s, at least 100ms\n";
    return kUsage;
  }
  return watch_queue(invocation, *every, options->once);
}

object pause_body(const Options& options) {
  object body;
  if (options.everything) body["everything"] = true;
  if (!options.domain.empty()) body["domain"] = options.domain;
  if (!options.sender.empty()) body["sender"] = options.sender;
  return body;
}

int pause(const Invocation& invocation, const Shared& options) {
  auto body = pause_body(*options);
  if (!options->because.empty()) body["because"] = options->because;
  return call_and_show(invocation, Method::kPost, "/v1/queue/pause", body,
                       [](const value&) { std::cout << "paused, until `queue resume`\n"; });
}

int resume(const Invocation& invocation, const Shared& options) {
  return call_and_show(invocation, Method::kPost, "/v1/queue/resume", pause_body(*options),
                       [](const value&) { std::cout << "resumed\n"; });
}

/// Which entries: the same for every command.
void add_query(CLI::App& command, const Shared& options) {
  command.add_option("id", options->id, "a message's id, or an entry's");
  command.add_option("--sender", options->sender, "an address, @domain, or <> for reports");
  command.add_option("--recipient", options->recipient, "an address or @domain");
  command.add_option("--domain", options->domain, "the destination");
  command.add_option("--submitter", options->submitter, "the account that sent it");
  command.add_option("--of-route", options->of_route, "a route's name; none for entries without one");
  command.add_option("--reason", options->reason, "part of the last reply, or of why it is held");
  command.add_option("--older-than", options->older_than, "such as 30m, 4h, 2d");
  command.add_flag("--held", options->held, "held entries only");
}

void add_which(CLI::App& command, const Shared& options) {
  command.add_flag("--everything", options->everything, "all mail");
  command.add_option("--domain", options->domain, "one destination");
  command.add_option("--sender", options->sender, "one sender: an address or @domain");
}

}  // namespace

void add_queue_commands(CLI::App& app, Invocation& invocation) {
  auto* queue = app.add_subcommand("queue", "messages on their way out");
  queue->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  const auto add = [&](const char* name, const char* what, Action action) {
    auto* command = add_command(*queue, invocation, name, what);
    command->callback([&invocation, options, action] {
      invocation.command = [&invocation, options, action] { return action(invocation, options); };
    });
    return command;
  };
  const auto add_change = [&](const char* name, const char* what, Action action) {
    auto* command = add(name, what, action);
    add_query(*command, options);
    command->add_flag("--all", options->all, "every entry, when nothing else says which");
    return command;
  };
  auto* listing = add_change("list", "what waits, and why", list);
  listing->add_option("--limit", options->limit, "entries to show")->capture_default_str();
  listing->add_flag("--count", options->count, "say how many, show none");
  add("show", "all that is known of one message's entries", show)
      ->add_option("id", options->id, "a message's id, or an entry's")
      ->required();
  add_change("retry", "try them now", retry);
  add_change("hold", "keep them until released", hold)->add_option("--because", options->because, "why, for others");
  add_change("release", "let held ones go", release);
  add_change("drop", "erase them", drop)->add_flag("--tell-sender", options->tell_sender, "as failed, by a report");
  add_change("reroute", "send them another way", reroute)
      ->add_option("--route", options->route, "a route's name, mx, or none: as the routes say")
      ->required();
  add_limit_command(*queue, invocation);
  add("stats", "how the queue stands", stats);
  auto* watching = add("top", "the same, live", top);
  watching->add_option("--every", options->every, "time between looks")->capture_default_str();
  watching->add_flag("--once", options->once, "one look");
  auto* pausing = add("pause", "send nothing more of it until resumed", pause);
  add_which(*pausing, options);
  pausing->add_option("--because", options->because, "why, for others");
  add_which(*add("resume", "go on sending", resume), options);
}

}  // namespace veredus::app::cli
