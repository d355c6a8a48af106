#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "io/http/message.h"
#include "io/net/asio.h"

namespace veredus::io::http {

/// Which function answers which request. Filled at start, then only read: thread-safe from then on.
class Router {
 public:
  using Action = std::function<asio::awaitable<Response>(Request)>;

  /// `pattern` is a path whose segments may be `{name}`: "/v1/domains/{domain}/accounts". A fixed segment wins over a
  /// name. Registering the same twice, or a pattern without a leading slash, is a broken invariant.
  void add(Method method, std::string_view pattern, Action action);

  struct Match {
    const Action* action;
    std::vector<std::pair<std::string, std::string>> parameters;
  };
  struct Miss {
    std::vector<Method> allowed;  // empty: no such path (404); else 405 with these
  };
  /// `path` as sent, still percent-encoded, without the query.
  [[nodiscard]] std::expected<Match, Miss> find(Method method, std::string_view path) const;
  /// Every route as "GET /v1/domains", in order of registration: for documentation checks.
  [[nodiscard]] std::vector<std::string> routes() const;

 private:
  struct Route {
    Method method;
    std::vector<std::string> segments;  // "{name}" kept as it is
    std::string pattern;
    Action action;
  };
  std::vector<Route> routes_;
};

}  // namespace veredus::io::http
