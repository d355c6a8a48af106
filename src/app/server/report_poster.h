#pragma once

#include <memory>
#include <string>

#include "io/net/tls_context.h"
#include "work/probe/options.h"
#include "work/reports/poster.h"

namespace veredus::io::dns {
class Resolver;
}
namespace veredus::io::net {
class Reactors;
}

namespace veredus::app::server {

/// Posts reports to whatever host a domain names, so to public addresses alone, and those the guard allows.
class ReportPoster final : public work::reports::Poster {
 public:
  /// `tls` verifies. The reactors and the resolver must outlive it.
  ReportPoster(io::net::Reactors* reactors, io::dns::Resolver* resolver, std::shared_ptr<io::net::TlsContext> tls,
               work::probe::Guard guard)
      : reactors_(reactors), resolver_(resolver), tls_(std::move(tls)), guard_(std::move(guard)) {}

  asio::awaitable<std::expected<unsigned, std::string>> post(std::string url, std::string content_type,
                                                             std::string body) override;

 private:
  io::net::Reactors* reactors_;
  io::dns::Resolver* resolver_;
  std::shared_ptr<io::net::TlsContext> tls_;
  work::probe::Guard guard_;
};

}  // namespace veredus::app::server
