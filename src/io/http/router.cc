#include "io/http/router.h"

#include <algorithm>
#include <optional>

#include "base/types/result.h"
#include "io/http/percent.h"

namespace veredus::io::http {
namespace {

using Parameters = std::vector<std::pair<std::string, std::string>>;

/// "/v1/domains" has the segments "v1" and "domains"; "/" has one empty one.
std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto segment = path.substr(0, path.find('/'));
    segments.emplace_back(segment);
    path.remove_prefix(segment.size());
  }
  return segments;
}

bool is_name(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

std::optional<Parameters> match(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  if (pattern.size() != segments.size()) return std::nullopt;
  Parameters parameters;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    auto value = percent_decode(segments[i]);
    if (!value) return std::nullopt;
    if (!is_name(pattern[i])) {
      if (*value != pattern[i]) return std::nullopt;
    } else {
      if (value->empty()) return std::nullopt;
      parameters.emplace_back(pattern[i].substr(1, pattern[i].size() - 2), *std::move(value));
    }
  }
  return parameters;
}

/// Fixed segments sort before names, so that they are tried first.
bool more_fixed(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::ranges::lexicographical_compare(a, b, {}, is_name, is_name);
}

/// RFC 9110 s9.3.2: HEAD is GET without the content, which the server leaves out.
bool serves(Method route, Method asked) { return route == asked || (route == Method::kGet && asked == Method::kHead); }

}  // namespace

void Router::add(Method method, std::string_view pattern, Action action) {
  VEREDUS_CHECK(pattern.starts_with('/'));
  const bool known = std::ranges::any_of(
      routes_, [&](const auto& route) { return route.method == method && route.pattern == pattern; });
  VEREDUS_CHECK(!known);
  routes_.push_back({method, split(pattern), std::string(pattern), std::move(action)});
}

std::expected<Router::Match, Router::Miss> Router::find(Method method, std::string_view path) const {
  const auto segments = split(path);
  const Route* best = nullptr;
  Parameters best_parameters;
  Miss miss;
  for (const auto& route : routes_) {
    auto parameters = match(route.segments, segments);
    if (!parameters) continue;
    if (!serves(route.method, method)) {
      if (std::ranges::find(miss.allowed, route.method) == miss.allowed.end()) miss.allowed.push_back(route.method);
      continue;
    }
    if (best != nullptr && !more_fixed(route.segments, best->segments)) continue;
    best = &route;
    best_parameters = *std::move(parameters);
  }
  if (best == nullptr) return std::unexpected(std::move(miss));
  return Match{&best->action, std::move(best_parameters)};
}

std::vector<std::string> Router::routes() const {
  std::vector<std::string> result;
  for (const auto& route : routes_) result.push_back(std::string(to_string(route.method)) + ' ' + route.pattern);
  return result;
}

}  // namespace veredus::io::http
