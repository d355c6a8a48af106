#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/types/clock.h"
#include "io/http/message.h"
#include "state/directory/directory_error.h"
#include "state/mailbox/mailbox_error.h"

namespace veredus::doors::admin {

/// What a call answers when it cannot do what was asked: a problem+json.
template <class T>
using Outcome = std::expected<T, io::http::Response>;

[[nodiscard]] io::http::Response reply(const boost::json::value& value, unsigned status = 200);
[[nodiscard]] io::http::Response no_content();

/// Each error has a `type` programs can tell apart, the error's own words with hyphens, and its HTTP status.
[[nodiscard]] io::http::Response problem_of(state::directory::DirectoryError error);
[[nodiscard]] io::http::Response problem_of(state::mailbox::MailboxError error);
[[nodiscard]] io::http::Response bad_request(std::string_view detail);

/// The fields of a JSON object in a request: every `take` that finds another type notes it, and `finish` answers the
/// first mistake, a field nobody took included.
class Fields {
 public:
  /// An empty body is an empty object.
  static Outcome<Fields> of(const io::http::Request& request);

  std::optional<std::string> take_string(std::string_view name);
  std::optional<bool> take_bool(std::string_view name);
  std::optional<std::uint64_t> take_number(std::string_view name);
  std::optional<std::vector<std::string>> take_strings(std::string_view name);
  /// A string or null; nullopt: the field is absent.
  std::optional<std::optional<std::string>> take_nullable_string(std::string_view name);

  /// Empty when it is absent, which is a mistake.
  std::string need_string(std::string_view name);
  std::vector<std::string> need_strings(std::string_view name);
  /// Notes what is wrong with a field; the first note stands.
  void mistake(std::string_view name, std::string_view wants);
  Outcome<void> finish();

 private:
  explicit Fields(boost::json::object object) : object_(std::move(object)) {}
  const boost::json::value* take(std::string_view name);

  boost::json::object object_;
  std::vector<std::string> taken_;
  std::string mistake_;
};

/// What `take(fields)` makes of a request's body, when nothing in it is a mistake. `take` may answer an Outcome itself.
template <class Take>
auto read_body(const io::http::Request& request, const Take& take) {
  using Taken = std::invoke_result_t<const Take&, Fields&>;
  auto fields = Fields::of(request);
  if constexpr (requires(Taken taken) { taken.error(); }) {
    if (!fields) return Taken(std::unexpect, fields.error());
    Taken taken = take(*fields);
    if (!taken) return taken;
    if (auto fine = fields->finish(); !fine) taken = std::unexpected(std::move(fine.error()));
    return taken;
  } else {
    if (!fields) return Outcome<Taken>(std::unexpect, fields.error());
    Outcome<Taken> taken = take(*fields);
    if (auto fine = fields->finish(); !fine) taken = std::unexpected(std::move(fine.error()));
    return taken;
  }
}

/// RFC 3339, milliseconds.
[[nodiscard]] boost::json::string json_time(SystemTime time);

}  // namespace veredus::doors::admin
