#include "work/mtasts/fetch.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"
#include "io/dns/endpoints.h"
#include "io/http/https_client.h"
#include "rules/mtasts/record.h"

namespace veredus::work::mtasts {

using smtpclient::TlsResult;

namespace {

std::unexpected<FetchFailure> failed(TlsResult result, std::string reason) {
  return std::unexpected(FetchFailure{.result = result, .reason = std::move(reason)});
}

}  // namespace

std::expected<std::shared_ptr<io::net::TlsContext>, io::net::TlsError> strict_client(
    io::net::TlsContext::ClientOptions options) {
  VEREDUS_TRY(auto context, io::net::TlsContext::client(std::move(options)));
  X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(context->native().get()),
                                  X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return context;
}

Fetched policy_of(const io::http::Response& response) {
  // RFC 8461 s3.3: nothing but 200 will do, and redirections are not followed.
  if (response.status != 200)
    return failed(TlsResult::kStsPolicyFetchError, "the policy host answers " + std::to_string(response.status));
  // RFC 8461 s3.2: so that no page somebody could put there passes for a policy.
  const auto type =
      base::codec::trim_ascii(std::string_view(response.content_type).substr(0, response.content_type.find(';')));
  if (!base::codec::iequals_ascii(type, "text/plain"))
    return failed(TlsResult::kStsPolicyFetchError, "the policy is not served as text/plain");
  auto policy = rules::mtasts::parse_policy(response.body);
  if (!policy) return failed(TlsResult::kStsPolicyInvalid, std::string(to_string(policy.error())));
  return *std::move(policy);
}

asio::awaitable<Fetched> fetch_policy(io::net::Reactor* reactor, io::dns::Resolver* resolver, std::string domain,
                                      FetchOptions options) {
  io::http::HttpsRequest request;
  request.host = rules::mtasts::policy_host(domain);
  request.port = options.port;
  request.target = rules::mtasts::kPolicyPath;
  request.headers = {{"Accept", "text/plain"}};
  auto addresses = co_await io::dns::endpoints_of(resolver, request.host, options.port);
  if (!addresses)
    co_return failed(TlsResult::kStsPolicyFetchError, request.host + ": " + std::string(to_string(addresses.error())));
  if (options.permits) {
    std::erase_if(*addresses, [&](const auto& endpoint) { return !options.permits(endpoint.address); });
    if (addresses->empty()) co_return failed(TlsResult::kStsPolicyFetchError, request.host + " has no public address");
  }
  io::http::HttpsOptions how;
  how.tls = options.tls;
  how.deadline = options.deadline;
  how.body_limit_octets = rules::mtasts::kMaxPolicyOctets;
  auto response = co_await io::http::fetch_https(reactor, *std::move(addresses), std::move(request), std::move(how));
  if (!response) {
    const bool certificate = response.error().error == io::http::HttpsError::kCertificate;
    co_return failed(certificate ? TlsResult::kStsWebPkiInvalid : TlsResult::kStsPolicyFetchError,
                     to_string(response.error()));
  }
  co_return policy_of(*response);
}

}  // namespace veredus::work::mtasts
