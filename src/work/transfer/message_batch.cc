#include "work/transfer/message_batch.h"

#include <algorithm>
#include <boost/json.hpp>

namespace veredus::work::transfer {
namespace {

namespace json = boost::json;

constexpr std::size_t kHeadOctets = 64 * 1024;
constexpr std::size_t kKeywords = 1000;
// Milliseconds: the years 0 to 9999, as dates are written.
constexpr std::int64_t kFirstDate = -62'167'219'200'000;
constexpr std::int64_t kLastDate = 253'402'300'799'999;

/// The number of a field, 0 when it is absent. nullopt: it is none.
std::optional<std::uint64_t> number_in(const json::object& head, std::string_view name, std::uint64_t most) {
  const auto* value = head.if_contains(name);
  if (value == nullptr) return 0;
  json::error_code error;
  const auto number = value->to_number<std::uint64_t>(error);
  if (error || number > most) return std::nullopt;
  return number;
}

/// The date of a message; before 1970 its number is negative. What is out of range becomes what is next to it.
std::optional<SystemTime> date_in(const json::object& head) {
  const auto* value = head.if_contains("date");
  if (value == nullptr) return SystemTime();
  json::error_code error;
  const auto number = value->to_number<std::int64_t>(error);
  if (error) return std::nullopt;
  return SystemTime(std::chrono::milliseconds(std::clamp(number, kFirstDate, kLastDate)));
}

std::optional<std::vector<std::string>> strings_in(const json::object& head, std::string_view name) {
  std::vector<std::string> strings;
  const auto* value = head.if_contains(name);
  if (value == nullptr) return strings;
  if (!value->is_array() || value->as_array().size() > kKeywords) return std::nullopt;
  for (const auto& one : value->as_array()) {
    if (!one.is_string()) return std::nullopt;
    strings.emplace_back(one.as_string());
  }
  return strings;
}

}  // namespace

std::string_view to_string(BatchError error) {
  switch (error) {
    case BatchError::kNoHead:
      return "a message without its line of JSON";
    case BatchError::kBadField:
      return "a property that is none";
    case BatchError::kCutShort:
      return "the last message is cut short";
  }
  return "unknown batch error";
}

std::vector<std::string> take_bad_keywords(std::vector<std::string>& keywords) {
  std::vector<std::string> good;
  std::vector<std::string> bad;
  for (auto& name : keywords) {
    const bool is_good = state::mailbox::is_keyword(name) && good.size() < state::mailbox::kKeywords;
    (is_good ? good : bad).push_back(std::move(name));
  }
  keywords = std::move(good);
  return bad;
}

void append_to_batch(std::string& out, const BatchMessage& message) {
  json::object head;
  head["octets"] = message.octets.size();
  if (message.uid != Uid()) head["uid"] = message.uid.value;
  if (message.flags.bits() != 0) head["flags"] = message.flags.bits();
  if (!message.keywords.empty()) head["keywords"] = json::array(message.keywords.begin(), message.keywords.end());
  head["date"] = message.date.time_since_epoch().count();
  if (message.nth != 0) head["nth"] = message.nth;
  out.append(json::serialize(head)).append("\n").append(message.octets).append("\n");
}

std::expected<std::optional<BatchMessage>, BatchError> BatchReader::next() {
  if (rest_.empty()) return std::nullopt;
  const auto end = rest_.substr(0, kHeadOctets).find('\n');
  if (end == std::string_view::npos) return std::unexpected(BatchError::kNoHead);
  json::error_code error;
  const auto value = json::parse(rest_.substr(0, end), error);
  if (error || !value.is_object()) return std::unexpected(BatchError::kNoHead);
  const auto& head = value.as_object();
  const auto octets = number_in(head, "octets", rest_.size());
  const auto uid = number_in(head, "uid", 0xFFFFFFFF);
  const auto flags = number_in(head, "flags", 31);
  const auto nth = number_in(head, "nth", 0xFFFFFFFF);
  const auto date = date_in(head);
  auto keywords = strings_in(head, "keywords");
  if (!uid || !flags || !nth || !date || !keywords) return std::unexpected(BatchError::kBadField);
  rest_.remove_prefix(end + 1);
  if (!octets || rest_.size() < *octets + 1 || rest_[*octets] != '\n') return std::unexpected(BatchError::kCutShort);
  BatchMessage message;
  message.uid = Uid(static_cast<std::uint32_t>(*uid));
  message.flags = state::mailbox::FlagSet::from_bits(static_cast<std::uint8_t>(*flags));
  message.keywords = *std::move(keywords);
  message.date = *date;
  message.nth = static_cast<std::uint32_t>(*nth);
  message.octets = rest_.substr(0, *octets);
  rest_.remove_prefix(*octets + 1);
  return message;
}

}  // namespace veredus::work::transfer
