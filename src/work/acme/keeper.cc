#include "work/acme/keeper.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <utility>

#include "base/observe/log.h"
#include "base/observe/metrics.h"
#include "base/types/read_file.h"
#include "base/types/result.h"
#include "io/net/deadline.h"

namespace veredus::work::acme {
namespace {

constexpr std::chrono::days kPlaceholderLife{90};
constexpr std::chrono::seconds kShortestRest{60};  // RFC 9773 s4.3

/// All of it or nothing, readable by nobody else.
Expected<void> write_file(const std::string& path, std::string_view octets) {
  const std::string beside = path + ".new";
  const auto no = [&path] { return failed(AcmeError::kFile, path + ": " + std::strerror(errno)); };
  // What stands there was left by a write that broke off, or is a link that somebody has put there.
  ::unlink(beside.c_str());
  const int file = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (file < 0) return no();
  const bool written =
      ::write(file, octets.data(), octets.size()) == static_cast<ssize_t>(octets.size()) && ::fsync(file) == 0;
  if (!written) {
    auto why = no();
    ::close(file);
    return why;
  }
  ::close(file);
  if (::rename(beside.c_str(), path.c_str()) != 0) return no();
  return {};
}

SystemTime some_time_between(SystemTime from, SystemTime until) {
  std::minstd_rand dice(std::random_device{}());
  std::uniform_int_distribution<std::int64_t> between(0, (until - from).count());
  return from + std::chrono::milliseconds(between(dice));
}

bool covers(const CertificateFacts& facts, std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return facts.names == names;
}

}  // namespace

std::expected<void, std::string> prepare_certificate(const Options& options, SystemTime now) {
  if (const auto there = read_file(options.certificate_file()); there && read_certificate(*there)) return {};
  auto made = io::net::make_self_signed(options.names, now, kPlaceholderLife);
  if (!made) return std::unexpected("acme.names: " + std::string(to_string(made.error())));
  const auto written = write_file(options.certificate_file(), made->certificate_pem + made->key_pem);
  if (!written) return std::unexpected(written.error().detail);
  return {};
}

Keeper::Keeper(Parts parts, Options options) : parts_(std::move(parts)), options_(std::move(options)) {}

Expected<std::shared_ptr<const AccountKey>> Keeper::account_key() const {
  if (const auto pem = read_file(options_.account_file())) {
    VEREDUS_TRY(auto key, AccountKey::read(*pem));
    return std::make_shared<const AccountKey>(std::move(key));
  }
  VEREDUS_TRY(auto key, AccountKey::make());
  VEREDUS_TRY(write_file(options_.account_file(), key.pem()));
  return std::make_shared<const AccountKey>(std::move(key));
}

asio::awaitable<Expected<bool>> Keeper::look() {
  VEREDUS_CO_TRY(auto key, account_key());
  Session::Options how{.directory = options_.directory, .contacts = options_.contacts, .binding = options_.binding};
  Session session(&parts_.transport, std::move(key), std::move(how));
  const auto there = read_file(options_.certificate_file());
  const auto facts = there ? read_certificate(*there) : failed(AcmeError::kFile, "none");
  const auto installed = installed_ ? Expected<void>() : install();
  std::string replaces;
  if (facts && !facts->self_signed && covers(*facts, options_.names)) {
    VEREDUS_CO_TRY(const bool now, co_await is_time(&session, *facts));
    if (!now && !installed) co_return std::unexpected(installed.error());
    if (!now) co_return false;
    replaces = facts->renewal_id;
  }
  VEREDUS_CO_TRY(co_await renew(&session, std::move(replaces)));
  co_return true;
}

std::optional<RenewalChoice> Keeper::kept_choice() const {
  const auto text = read_file(options_.renewal_file());
  return text ? parse_renewal_choice(*text) : std::nullopt;
}

/// RFC 9773 s4.2.
void Keeper::choose(const CertificateFacts& facts, const RenewalWindow& window) {
  choice_ =
      RenewalChoice{.of = facts.renewal_id, .from = window.from, .at = some_time_between(window.from, window.until)};
  const auto kept = write_file(options_.renewal_file(), to_text(*choice_));
  if (!kept) parts_.log.warning("acme.renewal_not_kept", {{"why", kept.error().detail}});
}

/// `session` belongs to the caller, who waits.
asio::awaitable<Expected<bool>> Keeper::is_time(Session* session, CertificateFacts facts) {
  ask_again_.reset();
  const auto now = parts_.clock.now();
  std::optional<RenewalWindow> window;
  if (const auto read = co_await session->read_directory()) {
    auto asked = co_await session->renewal_window(facts.renewal_id);
    if (asked) window = *asked;
  }
  if (!choice_) choice_ = kept_choice();
  const bool known = choice_ && choice_->of == facts.renewal_id;
  if (!window && !known) co_return now >= facts.renew_at();
  if (window) {
    ask_again_ = window->ask_again;
    if (!known || choice_->from != window->from) choose(facts, *window);
  }
  // An authority may be wrong: no window reaches beyond the certificate's last day.
  co_return now >= std::min(choice_->at, std::max(facts.renew_at(), facts.until - std::chrono::days(1)));
}

asio::awaitable<Expected<void>> Keeper::renew(Session* session, std::string replaces) {
  VEREDUS_CO_TRY(auto made, make_request(options_.names));
  VEREDUS_CO_TRY(co_await session->open());
  auto chain = co_await session->obtain(options_.names, std::move(made.request), std::move(replaces), &parts_.prover);
  if (!chain) co_return std::unexpected(std::move(chain).error());
  VEREDUS_CO_TRY(const auto facts, read_certificate(*chain));
  VEREDUS_CO_TRY(write_file(options_.certificate_file(), *chain + "\n" + made.key_pem));
  VEREDUS_CO_TRY(install());
  const auto days = std::chrono::duration_cast<std::chrono::days>(facts.until - parts_.clock.now()).count();
  parts_.log.info("acme.issued", {{"name", options_.names.front()}, {"days", days}});
  co_return Expected<void>();
}

/// A certificate that was not taken over is offered again at each look: the next one is made only in months.
Expected<void> Keeper::install() {
  auto done = parts_.install();
  installed_ = done.has_value();
  if (!done) return failed(AcmeError::kFile, std::move(done).error());
  return {};
}

std::chrono::milliseconds Keeper::rest(const Expected<bool>& looked) {
  auto& renewals = parts_.metrics;
  constexpr std::string_view kName = "veredus_acme_renewals_total";
  constexpr std::string_view kHelp = "Certificates asked for";
  if (looked) {
    failures_ = 0;
    if (*looked) renewals.counter(kName, kHelp, {{"result", "done"}}).add();
    const auto shortest = std::min(kShortestRest, options_.look_every);
    return std::clamp(ask_again_.value_or(options_.look_every), shortest, options_.look_every);
  }
  renewals.counter(kName, kHelp, {{"result", "failed"}}).add();
  const auto& failure = looked.error();
  parts_.log.warning("acme.failed", {{"why", to_string(failure.error)}, {"detail", failure.detail}});
  const auto doubled = options_.first_retry * (1U << std::min(failures_++, 16U));
  const auto own = std::min<std::chrono::seconds>(doubled, options_.last_retry);
  return std::max(own, failure.retry_after.value_or(std::chrono::seconds(0)));
}

asio::awaitable<void> Keeper::run() {
  while (true) {
    const auto looked = co_await look();
    co_await io::net::pause(rest(looked));
  }
}

}  // namespace veredus::work::acme
