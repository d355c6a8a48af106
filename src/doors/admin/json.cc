#include "doors/admin/json.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/codec/date.h"

namespace veredus::doors::admin {
namespace {

using io::http::Response;
using state::directory::DirectoryError;
using state::mailbox::MailboxError;

unsigned status_of(DirectoryError error) {
  switch (error) {
    case DirectoryError::kNoSuchDomain:
    case DirectoryError::kNoSuchAccount:
    case DirectoryError::kNoSuchAlias:
    case DirectoryError::kNoSuchAppPassword:
    case DirectoryError::kNoSuchList:
    case DirectoryError::kNoSuchForward:
    case DirectoryError::kNoSuchRoute:
    case DirectoryError::kNoSuchRelayDomain:
    case DirectoryError::kNoSuchSendingAccount:
    case DirectoryError::kNoSuchKey:
      return 404;
    case DirectoryError::kDomainExists:
    case DirectoryError::kAddressTaken:
    case DirectoryError::kDomainNotEmpty:
    case DirectoryError::kLoop:
    case DirectoryError::kSelectorTaken:
    case DirectoryError::kKeyInUse:
    case DirectoryError::kKeyGone:
      return 409;
    case DirectoryError::kBusy:
    case DirectoryError::kUnavailable:
      return 503;
    case DirectoryError::kUnknownOutcome:
    case DirectoryError::kCorrupt:
      return 500;
    default:
      return 422;
  }
}

unsigned status_of(MailboxError error) {
  switch (error) {
    case MailboxError::kNoSuchMailbox:
    case MailboxError::kNoSuchEmail:
      return 404;
    case MailboxError::kMailboxExists:
    case MailboxError::kInboxStays:
    case MailboxError::kSpecialUseTaken:
    case MailboxError::kOverQuota:
      return 409;
    case MailboxError::kUnavailable:
      return 503;
    case MailboxError::kUnknownOutcome:
    case MailboxError::kCorrupt:
    case MailboxError::kStagedBodyGone:
      return 500;
    default:
      return 422;
  }
}

/// "no such account" -> "no-such-account".
std::string type_of(std::string_view words) {
  std::string type(words);
  std::ranges::replace(type, ' ', '-');
  return type;
}

}  // namespace

Response reply(const boost::json::value& value, unsigned status) {
  return {.status = status, .body = boost::json::serialize(value) + "\n"};
}

Response no_content() { return {.status = 204, .content_type = "", .body = ""}; }

Response problem_of(DirectoryError error) {
  return io::http::problem(status_of(error), type_of(to_string(error)), to_string(error));
}

Response problem_of(MailboxError error) {
  return io::http::problem(status_of(error), type_of(to_string(error)), to_string(error));
}

Response bad_request(std::string_view detail) { return io::http::problem(400, "bad-request", detail); }

Outcome<Fields> Fields::of(const io::http::Request& request) {
  if (request.body.empty()) return Fields(boost::json::object());
  boost::system::error_code error;
  auto value = boost::json::parse(request.body, error);
  if (error || !value.is_object()) return std::unexpected(bad_request("the body is no JSON object"));
  return Fields(std::move(value).as_object());
}

const boost::json::value* Fields::take(std::string_view name) {
  taken_.emplace_back(name);
  return object_.if_contains(name);
}

void Fields::mistake(std::string_view name, std::string_view wants) {
  if (mistake_.empty()) mistake_ = fmt::format("'{}' {}", name, wants);
}

std::optional<std::string> Fields::take_string(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* text = value->if_string()) return std::string(*text);
  mistake(name, "wants a string");
  return std::nullopt;
}

std::optional<std::optional<std::string>> Fields::take_nullable_string(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_null()) return std::optional<std::string>();
  if (const auto* text = value->if_string()) return std::optional(std::string(*text));
  mistake(name, "wants a string or null");
  return std::nullopt;
}

std::optional<bool> Fields::take_bool(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (const auto* flag = value->if_bool()) return *flag;
  mistake(name, "wants true or false");
  return std::nullopt;
}

std::optional<std::uint64_t> Fields::take_number(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  boost::system::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (!error) return number;
  mistake(name, "wants a whole number, 0 or more");
  return std::nullopt;
}

std::optional<std::vector<std::string>> Fields::take_strings(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  const auto* array = value->if_array();
  std::vector<std::string> all;
  if (array != nullptr)
    for (const auto& element : *array)
      if (const auto* text = element.if_string()) all.emplace_back(*text);
  if (array != nullptr && all.size() == array->size()) return all;
  mistake(name, "wants a list of strings");
  return std::nullopt;
}

std::string Fields::need_string(std::string_view name) {
  auto text = take_string(name);
  if (!text) mistake(name, "is missing");
  return std::move(text).value_or(std::string());
}

std::vector<std::string> Fields::need_strings(std::string_view name) {
  auto texts = take_strings(name);
  if (!texts) mistake(name, "is missing");
  return std::move(texts).value_or(std::vector<std::string>());
}

Outcome<void> Fields::finish() {
  for (const auto& [name, value] : object_)
    if (std::ranges::find(taken_, std::string_view(name)) == taken_.end()) mistake(name, "is not known here");
  if (!mistake_.empty()) return std::unexpected(bad_request(mistake_));
  return {};
}

boost::json::string json_time(SystemTime time) { return boost::json::string(base::codec::format_rfc3339(time)); }

}  // namespace veredus::doors::admin
