#include "io/dns/unbound_resolver.h"

#include <sys/mman.h>
#include <unbound.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "base/types/read_file.h"
#include "base/types/result.h"
#include "io/dns/name.h"
#include "io/dns/questions.h"
#include "io/dns/rdata.h"
#include "io/dns/resolv_conf.h"
#include "io/dns/unbound_config.h"
#include "io/net/unique_fd.h"

namespace veredus::io::dns {
namespace {

std::expected<std::vector<net::Endpoint>, ResolverError> forwarders_of(const ResolverOptions& options) {
  if (options.source == Source::kRoot) return std::vector<net::Endpoint>{};
  if (options.source == Source::kForwarders) return options.forwarders;
  const auto text = read_file(options.resolv_conf);
  if (!text) return std::unexpected(ResolverError::kResolvConf);
  return servers_of_resolv_conf(*text);
}

std::expected<void, ResolverError> look_at_files(const ResolverOptions& options) {
  if (!options.trust_anchor_file.empty()) {
    const auto anchor = read_file(options.trust_anchor_file);
    if (!anchor || (!anchor->contains("DS") && !anchor->contains("DNSKEY")))
      return std::unexpected(ResolverError::kTrustAnchor);
  }
  if (!options.root_hints_file.empty() && !read_file(options.root_hints_file))
    return std::unexpected(ResolverError::kRootHints);
  return {};
}

/// Hands `text` to libunbound, which reads configuration from files alone.
bool configure(ub_ctx* context, std::string_view text) {
  const net::UniqueFd file(::memfd_create("veredus-unbound", MFD_CLOEXEC));
  if (file.get() < 0) return false;
  while (!text.empty()) {
    const auto written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  const auto path = "/proc/self/fd/" + std::to_string(file.get());
  return ub_ctx_config(context, path.c_str()) == UB_NOERROR;
}

/// Reads what an answer holds by `parse`. Records that are malformed are passed over while there are others.
template <class Record>
std::expected<Answer<Record>, DnsError> typed(RawAnswer raw, std::optional<Record> (*parse)(std::string_view)) {
  Answer<Record> answer{{}, raw.ttl, raw.authentic, std::move(raw.canonical_name)};
  for (const auto& rdata : raw.rdata)
    if (auto record = parse(rdata)) answer.records.push_back(*std::move(record));
  if (answer.records.empty() && !raw.rdata.empty()) return std::unexpected(DnsError::kMalformedAnswer);
  return answer;
}

}  // namespace

std::string_view to_string(ResolverError error) {
  switch (error) {
    case ResolverError::kResolvConf:
      return "resolv.conf cannot be read";
    case ResolverError::kTrustAnchor:
      return "the trust anchor cannot be read, or holds no DS or DNSKEY record";
    case ResolverError::kRootHints:
      return "the root hints cannot be read";
    case ResolverError::kSetting:
      return "a zone or a file has a name that cannot be used";
    case ResolverError::kLibrary:
      return "libunbound does not take its settings";
  }
  return "unknown error";
}

std::expected<std::unique_ptr<UnboundResolver>, ResolverError> UnboundResolver::start(ResolverOptions options,
                                                                                      base::observe::Metrics& metrics) {
  VEREDUS_TRY(look_at_files(options));
  VEREDUS_TRY(const auto forwarders, forwarders_of(options));
  VEREDUS_TRY(const auto text, unbound_config(options, forwarders));
  Questions::Context context(ub_ctx_create());
  if (!context) return std::unexpected(ResolverError::kLibrary);
  ub_ctx_debugout(context.get(), nullptr);
  const bool taken = configure(context.get(), text) && ub_ctx_async(context.get(), 1) == UB_NOERROR;
  // Removing what is not there makes libunbound act on its settings, and so tell whether it can.
  if (!taken || ub_ctx_zone_remove(context.get(), "none.invalid") != UB_NOERROR)
    return std::unexpected(ResolverError::kLibrary);
  auto questions = std::make_shared<Questions>(options, std::move(context), metrics);
  questions->start();
  return std::unique_ptr<UnboundResolver>(new UnboundResolver(std::move(questions)));
}

UnboundResolver::UnboundResolver(std::shared_ptr<Questions> questions) : questions_(std::move(questions)) {}

UnboundResolver::~UnboundResolver() { stop(); }

void UnboundResolver::stop() { questions_->stop(); }

template <class Record>
Resolver::Result<Record> UnboundResolver::ask(std::string name, RecordType type,
                                              std::optional<Record> (*parse)(std::string_view)) {
  auto question = escaped_query_name(name);
  if (!question) co_return std::unexpected(DnsError::kMalformedName);
  VEREDUS_CO_TRY(auto raw, co_await questions_->ask(*std::move(question), type));
  co_return typed(std::move(raw), parse);
}

Resolver::Result<MxRecord> UnboundResolver::mx(std::string name) {
  return ask(std::move(name), RecordType::kMx, &parse_mx);
}
Resolver::Result<net::IpAddress> UnboundResolver::a(std::string name) {
  return ask(std::move(name), RecordType::kA, &parse_a);
}
Resolver::Result<net::IpAddress> UnboundResolver::aaaa(std::string name) {
  return ask(std::move(name), RecordType::kAaaa, &parse_aaaa);
}
Resolver::Result<std::string> UnboundResolver::txt(std::string name) {
  return ask(std::move(name), RecordType::kTxt, &parse_txt);
}
Resolver::Result<TlsaRecord> UnboundResolver::tlsa(std::string name) {
  return ask(std::move(name), RecordType::kTlsa, &parse_tlsa);
}
Resolver::Result<SrvRecord> UnboundResolver::srv(std::string name) {
  return ask(std::move(name), RecordType::kSrv, &parse_srv);
}
Resolver::Result<std::string> UnboundResolver::ptr(net::IpAddress address) {
  return ask(reverse_name(address), RecordType::kPtr, &parse_target);
}
Resolver::Result<std::string> UnboundResolver::cname(std::string name) {
  return ask(std::move(name), RecordType::kCname, &parse_target);
}
Resolver::Result<std::string> UnboundResolver::ns(std::string name) {
  return ask(std::move(name), RecordType::kNs, &parse_target);
}

}  // namespace veredus::io::dns
