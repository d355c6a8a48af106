#include "app/cli/queue_top.h"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <iostream>
#include <optional>
#include <thread>

namespace veredus::app::cli {
namespace {

using boost::json::value;

constexpr std::string_view kClearScreen = "\x1b[H\x1b[2J";
constexpr std::size_t kShownSite = 40;

std::uint64_t number(const value& of, std::string_view name) { return of.at(name).to_number<std::uint64_t>(); }
std::string text(const value& of, std::string_view name) { return std::string(of.at(name).as_string()); }

/// "12.5/s", or nothing to compare with.
std::string rate(const value& now, const value* before, std::string_view name, std::chrono::milliseconds passed) {
  if (before == nullptr || passed.count() <= 0 || number(now, name) < number(*before, name)) return "";
  const auto more = static_cast<double>(number(now, name) - number(*before, name));
  return fmt::format(" ({:.1f}/s)", more * 1000 / static_cast<double>(passed.count()));
}

std::string lane_line(const value& lane) {
  auto site = text(lane, "site");
  if (site.size() > kShownSite) site = site.substr(0, kShownSite - 3) + "...";
  const auto rests = number(lane, "rests_seconds");
  return fmt::format("{:<{}} {:<12} {:>7} {:>7} {:>4}/{:<4} {:>8} {:>8} {:>8} {:>6}  {}\n", site, kShownSite,
                     text(lane, "source"), number(lane, "ready"), number(lane, "senders"), number(lane, "connections"),
                     number(lane, "allowed"), number(lane, "delivered"), number(lane, "deferred"),
                     number(lane, "refused"), rests == 0 ? "" : fmt::format("{}s", rests), text(lane, "last_failure"));
}

std::string pause_line(const value& pause) {
  const auto subject = text(pause, "subject");
  const auto reason = text(pause, "reason");
  return fmt::format("paused: {}{}{}, since {}\n", text(pause, "of"), subject.empty() ? "" : " " + subject,
                     reason.empty() ? "" : " (" + reason + ")", text(pause, "since"));
}

}  // namespace

std::string queue_screen(const value& now, const value* before, std::chrono::milliseconds passed) {
  auto screen = fmt::format("{} entries: {} later, {} ready, {} under way, {} look for their way, {} held or paused\n",
                            number(now, "entries"), number(now, "later"), number(now, "ready"),
                            number(now, "under_way"), number(now, "searching"), number(now, "parked"));
  screen += fmt::format("delivered {}{}, deferred {}{}, refused {}{}, {} connections\n", number(now, "delivered"),
                        rate(now, before, "delivered", passed), number(now, "deferred"),
                        rate(now, before, "deferred", passed), number(now, "refused"),
                        rate(now, before, "refused", passed), number(now, "connections"));
  if (!now.at("loaded").as_bool()) screen += "still reading what was there at the start\n";
  if (now.at("suspended").as_bool()) screen += "the store takes no writes: nothing is sent\n";
  for (const auto& pause : now.at("pauses").as_array()) screen += pause_line(pause);
  const auto& lanes = now.at("lanes").as_array();
  if (lanes.empty()) return screen;
  screen += fmt::format("\n{:<{}} {:<12} {:>7} {:>7} {:>9} {:>8} {:>8} {:>8} {:>6}  {}\n", "SITE", kShownSite, "SOURCE",
                        "READY", "SENDERS", "CONN/MAX", "DELIVER", "DEFER", "REFUSE", "REST", "LAST FAILURE");
  for (const auto& lane : lanes) screen += lane_line(lane);
  return screen;
}

int watch_queue(const Invocation& invocation, std::chrono::milliseconds every, bool once) {
  auto client = invocation.client();
  if (!client) return kBadConfig;
  const bool live = !once && !invocation.json && ::isatty(STDOUT_FILENO) != 0;
  std::optional<value> before;
  auto looked = std::chrono::steady_clock::now();
  while (true) {
    auto now = client->call(io::http::Method::kGet, "/v1/queue/stats");
    if (!now) return client->exit_code();
    const auto passed = std::chrono::steady_clock::now() - std::exchange(looked, std::chrono::steady_clock::now());
    if (invocation.json)
      std::cout << boost::json::serialize(*now) << "\n";
    else
      std::cout << (live ? kClearScreen : "")
                << queue_screen(*now, before ? &*before : nullptr,
                                std::chrono::duration_cast<std::chrono::milliseconds>(passed));
    std::cout.flush();
    if (!live) return kOk;
    before = std::move(*now);
    std::this_thread::sleep_for(every);
  }
}

}  // namespace veredus::app::cli
