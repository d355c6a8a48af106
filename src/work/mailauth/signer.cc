#include "work/mailauth/signer.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <utility>

#include "base/observe/metrics.h"
#include "io/net/worker_pool.h"
#include "rules/arc/sealing.h"
#include "rules/dkim/canonical_body.h"
#include "rules/dkim/signing.h"
#include "state/directory/address_form.h"
#include "wire/mime/address.h"
#include "wire/mime/header_block.h"
#include "work/mailauth/key_ring.h"

namespace veredus::work::mailauth {

using base::crypto::KeyKind;
using rules::dkim::BodyHash;
using rules::dkim::Canonical;

namespace {

constexpr std::size_t kMostAuthors = 100;
/// Seconds; an RSA signature takes about one millisecond.
const std::vector<double> kSecondsBounds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1};

/// One way's keys, and what they are to sign; all that the pool works with.
struct Order {
  std::size_t wish = 0;
  std::string fields;
  std::vector<OpenKey> keys;
  bool sign = false;
  std::optional<SealFacts> seal;
};

struct Work {
  std::string header;  // without its empty line
  std::string body_digest;
  std::vector<Order> orders;
  SystemTime now;
  std::chrono::seconds lifetime{};
};

std::string dkim_fields(const Work& work, const Order& order, std::string_view header) {
  rules::dkim::SigningOptions options;
  if (work.lifetime.count() != 0) options.lifetime = work.lifetime;
  std::string fields;
  for (const auto& [domain, selector, key] : order.keys) {
    const rules::dkim::SigningName name{.domain = domain, .selector = selector, .identity = {}};
    fields += rules::dkim::sign(header, work.body_digest, name, *key, options, work.now);
  }
  return fields;
}

/// With the first key, which is RSA where there is one: who checks seals does not know Ed25519 yet.
std::string arc_fields(const Work& work, const Order& order, std::string_view header) {
  const auto& [domain, selector, key] = order.keys.front();
  const rules::dkim::SigningName name{.domain = domain, .selector = selector, .identity = {}};
  return rules::arc::seal(header, work.body_digest, order.seal->chain, order.seal->results, name, *key,
                          rules::arc::SealingOptions(), work.now);
}

/// RFC 8617 s5.1: the seal comes last, over the signatures too.
std::string fields_for(const Work& work, const Order& order) {
  std::string header = order.fields + work.header;
  std::string fields;
  if (order.sign) fields = dkim_fields(work, order, header);
  if (!order.seal) return fields;
  header.insert(0, fields);
  return arc_fields(work, order, header) + fields;
}

std::vector<std::string> fields_for_all(const Work& work) {
  std::vector<std::string> out;
  out.reserve(work.orders.size());
  for (const auto& order : work.orders) out.push_back(fields_for(work, order));
  return out;
}

/// The domains of From, A-labels, in order.
std::vector<std::string> author_domains(std::string_view header) {
  std::vector<std::string> domains;
  const auto from = wire::mime::find_field(header, "from");
  if (!from) return domains;
  for (const auto& address : wire::mime::parse_address_list(from->value, kMostAuthors)) {
    auto domain = state::directory::normal_domain(address.domain);
    if (address.kind == wire::mime::AddressKind::kMailbox && domain) domains.push_back(*std::move(domain));
  }
  return domains;
}

}  // namespace

struct Signer::Impl {
  Impl(const state::directory::Directory* directory, io::net::WorkerPool* pool_used, const Clock* clock_used,
       base::observe::Metrics& metrics, Options first)
      : options(first),
        ring(directory),
        pool(pool_used),
        clock(clock_used),
        signatures(metrics.counter("veredus_dkim_signatures_total", "DKIM signatures made.")),
        seals(metrics.counter("veredus_arc_seals_total", "ARC sets added.")),
        put_off(metrics.counter(
            "veredus_signing_put_off_total",
            "Messages answered \"try again later\" because too many waited to be signed, or the program ended.")),
        seconds(metrics.histogram("veredus_signing_seconds", "From the end of a message to its signatures.",
                                  kSecondsBounds)) {}

  mutable std::mutex mutex;
  Options options;  // by the mutex
  KeyRing ring;
  io::net::WorkerPool* pool;
  const Clock* clock;
  base::observe::Counter& signatures;
  base::observe::Counter& seals;
  base::observe::Counter& put_off;
  base::observe::Histogram& seconds;
  std::atomic<bool> given_up{false};
};

Signer::Signer(const state::directory::Directory* directory, io::net::WorkerPool* pool, const Clock* clock,
               base::observe::Metrics* metrics, Options options)
    : impl_(std::make_unique<Impl>(directory, pool, clock, *metrics, options)) {}
Signer::~Signer() = default;

Signer::Options Signer::options() const {
  const std::scoped_lock lock(impl_->mutex);
  return impl_->options;
}

void Signer::change(Options options) {
  const std::scoped_lock lock(impl_->mutex);
  impl_->options = options;
}

void Signer::give_up() { impl_->given_up = true; }

bool Signer::has_keys() const { return impl_->ring.has_keys(); }

struct SigningJob::Impl {
  explicit Impl(const Signer* used) : signer(used), body(Canonical::kRelaxed, std::nullopt) {}

  void feed(std::string_view octets);
  [[nodiscard]] std::vector<OpenKey> keys_for(const SigningWish& wish) const;
  Work work_for(std::vector<SigningWish> wishes);
  void note(std::string_view what, const OpenKey& key);
  void note_all(const Order& order, const std::string& fields);

  const Signer* signer;
  std::string header;  // with the line end of its last field
  bool in_header = true;
  bool too_long = false;
  BodyHash body;
  std::vector<std::pair<std::string, std::string>> made;
};

void SigningJob::Impl::note(std::string_view what, const OpenKey& key) {
  const auto* const algorithm = key.key->kind() == KeyKind::kRsa ? " rsa-sha256" : " ed25519-sha256";
  std::pair<std::string, std::string> entry(what, key.domain + ' ' + key.selector + algorithm);
  if (std::ranges::find(made, entry) == made.end()) made.push_back(std::move(entry));
}

void SigningJob::Impl::note_all(const Order& order, const std::string& fields) {
  const auto& parts = *signer->impl_;
  if (order.sign) {
    parts.signatures.add(order.keys.size());
    for (const auto& key : order.keys) note("signed", key);
  }
  if (order.seal && fields.starts_with("ARC-")) {
    parts.seals.add();
    note("sealed", order.keys.front());
  }
}

void SigningJob::Impl::feed(std::string_view octets) {
  if (!in_header) return body.feed(octets);
  const auto before = header.size();
  header.append(octets);
  // The empty line; a message may begin with it.
  const auto empty_line = header.starts_with("\r\n") ? 0 : header.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (empty_line == std::string::npos) {
    too_long = header.size() > signer->options().max_header_octets;
    if (!too_long) return;
    in_header = false;
    header = {};
    return;
  }
  const auto header_octets = empty_line == 0 ? 0 : empty_line + 2;
  in_header = false;
  body.feed(std::string_view(header).substr(header_octets + 2));
  header.resize(header_octets);
  too_long = header.size() > signer->options().max_header_octets;
}

/// From's own domain, or one above it, so that DMARC sees the author's domain behind the message (RFC 9989 s4.4).
std::vector<OpenKey> SigningJob::Impl::keys_for(const SigningWish& wish) const {
  const auto& ring = signer->impl_->ring;
  if (!wish.domain.empty()) return ring.keys_for(wish.domain);
  for (const auto& domain : author_domains(header)) {
    auto keys = ring.keys_for(domain);
    if (!keys.empty()) return keys;
  }
  return {};
}

Work SigningJob::Impl::work_for(std::vector<SigningWish> wishes) {
  Work work{.now = signer->impl_->clock->now(), .lifetime = signer->options().lifetime};
  if (too_long) return work;
  for (std::size_t i = 0; i < wishes.size(); ++i) {
    auto& wish = wishes[i];
    if (!wish.sign && !wish.seal) continue;
    auto keys = keys_for(wish);
    if (keys.empty()) continue;
    work.orders.push_back({.wish = i,
                           .fields = std::move(wish.fields),
                           .keys = std::move(keys),
                           .sign = wish.sign,
                           .seal = std::move(wish.seal)});
  }
  if (work.orders.empty()) return work;
  work.body_digest = body.finish();
  work.header = std::move(header);
  return work;
}

SigningJob::SigningJob(const Signer* signer) : impl_(std::make_unique<Impl>(signer)) {}
SigningJob::SigningJob(SigningJob&&) noexcept = default;
SigningJob& SigningJob::operator=(SigningJob&&) noexcept = default;
SigningJob::~SigningJob() = default;

void SigningJob::feed(std::string_view octets) { impl_->feed(octets); }

const std::vector<std::pair<std::string, std::string>>& SigningJob::made() const { return impl_->made; }

namespace {

using Fields = std::expected<std::vector<std::string>, SigningError>;

/// On the pool, when its turn comes; kBusy: that was too late.
asio::awaitable<Fields> make_fields(io::net::WorkerPool* pool, const std::atomic<bool>* given_up, const Clock* clock,
                                    SteadyTime until, std::shared_ptr<const Work> work) {
  if (pool == nullptr) co_return fields_for_all(*work);
  auto job = [given_up, clock, until, work = std::move(work)]() -> Fields {
    if (*given_up) return std::unexpected(SigningError::kStopping);
    if (clock->steady_now() > until) return std::unexpected(SigningError::kBusy);
    return fields_for_all(*work);
  };
  auto done = co_await pool->run(std::move(job));
  if (done) co_return *std::move(done);
  const bool full = done.error() == io::net::WorkError::kQueueFull;
  co_return std::unexpected(full ? SigningError::kBusy : SigningError::kStopping);
}

}  // namespace

asio::awaitable<Fields> SigningJob::finish(std::vector<SigningWish> wishes) {
  const auto& parts = *impl_->signer->impl_;
  const auto begun = parts.clock->steady_now();
  std::vector<std::string> out(wishes.size());
  const auto work = std::make_shared<const Work>(impl_->work_for(std::move(wishes)));
  if (work->orders.empty()) co_return out;
  const auto until = begun + impl_->signer->options().patience;
  auto made = co_await make_fields(parts.pool, &parts.given_up, parts.clock, until, work);
  if (!made) {
    parts.put_off.add();
    co_return std::unexpected(made.error());
  }
  for (std::size_t i = 0; i < made->size(); ++i) {
    const auto& order = work->orders[i];
    impl_->note_all(order, (*made)[i]);
    out[order.wish] = std::move((*made)[i]);
  }
  const std::chrono::duration<double> taken = parts.clock->steady_now() - begun;
  parts.seconds.observe(taken.count());
  co_return out;
}

}  // namespace veredus::work::mailauth
