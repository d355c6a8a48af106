#pragma once

#include <expected>
#include <string>

#include "io/net/asio.h"

namespace veredus::work::reports {

/// Sends a report by HTTPS, as those who ask for it over their record may want. Source: RFC 8460 s5.4.
class Poster {
 public:
  virtual ~Poster() = default;
  /// The status of the answer, or in words why there was none. With a certificate that must be good.
  virtual asio::awaitable<std::expected<unsigned, std::string>> post(std::string url, std::string content_type,
                                                                     std::string body) = 0;
};

}  // namespace veredus::work::reports
