#include "work/queue/brakes.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/types/bytes.h"

namespace veredus::work::queue {
namespace {

constexpr std::uint8_t kRecordVersion = 1;  // on disk

std::int64_t part_number(SystemTime now, std::int64_t length) { return now.time_since_epoch().count() / length; }

}  // namespace

std::string_view to_string(Brake brake) {
  switch (brake) {
    case Brake::kMessagesPerHour:
      return "messages per hour";
    case Brake::kMessagesPerDay:
      return "messages per day";
    case Brake::kRecipientsPerMessage:
      return "recipients per message";
    case Brake::kNewRecipientsPerDay:
      return "new recipients per day";
    case Brake::kBounceRatio:
      return "bounce ratio";
  }
  return "unknown";
}

std::string to_string(const Braked& braked) {
  if (braked.brake == Brake::kBounceRatio) return fmt::format("more than {} % of the mail bounced", braked.limit);
  return fmt::format("more than {} {}", braked.limit, to_string(braked.brake));
}

template <std::size_t N>
SendingRecord::Part& SendingRecord::part_at(std::array<Part, N>& parts, std::int64_t number) {
  Part& part = parts[static_cast<std::size_t>(number) % N];
  if (part.number != number) {
    part = Part{};
    part.number = number;
  }
  return part;
}

template <std::size_t N>
std::uint32_t SendingRecord::sum(const std::array<Part, N>& parts, std::int64_t number, std::uint32_t Part::* of) {
  std::uint32_t total = 0;
  for (const auto& part : parts)
    if (part.number > number - static_cast<std::int64_t>(N) && part.number <= number) total += part.*of;
  return total;
}

template <std::size_t N>
SystemTime SendingRecord::free_at(const std::array<Part, N>& parts, std::int64_t length, SystemTime now,
                                  std::uint32_t Part::* of, std::uint32_t must_go) {
  std::vector<Part> sorted(parts.begin(), parts.end());
  std::ranges::sort(sorted, {}, &Part::number);
  const std::int64_t oldest = part_number(now, length) - static_cast<std::int64_t>(N) + 1;
  std::uint32_t gone = 0;
  for (const auto& part : sorted) {
    if (part.number < oldest) continue;
    gone += part.*of;
    if (gone < must_go) continue;
    return SystemTime(std::chrono::milliseconds((part.number + static_cast<std::int64_t>(N)) * length));
  }
  return now + std::chrono::milliseconds(length);
}

std::optional<Braked> SendingRecord::check(const BrakeLimits& limits, const BrakedMessage& message,
                                           SystemTime now) const {
  if (limits.recipients_per_message != 0 && message.recipients > limits.recipients_per_message)
    return Braked{Brake::kRecipientsPerMessage, std::nullopt, limits.recipients_per_message};
  const std::uint32_t in_hour = messages_in_hour(now);
  if (!message.continued && limits.messages_per_hour != 0 && in_hour >= limits.messages_per_hour)
    return Braked{Brake::kMessagesPerHour,
                  free_at(hour_, kTenMinutes, now, &Part::messages, in_hour - limits.messages_per_hour + 1),
                  limits.messages_per_hour};
  const std::uint32_t in_day = messages_in_day(now);
  if (!message.continued && limits.messages_per_day != 0 && in_day >= limits.messages_per_day)
    return Braked{Brake::kMessagesPerDay,
                  free_at(day_, kHour, now, &Part::messages, in_day - limits.messages_per_day + 1),
                  limits.messages_per_day};
  const std::uint32_t strangers = sum(day_, part_number(now, kHour), &Part::new_recipients);
  if (limits.new_recipients_per_day != 0 && message.new_recipients > 0 &&
      strangers + message.new_recipients > limits.new_recipients_per_day) {
    if (message.new_recipients > limits.new_recipients_per_day)  // never fits: no time will help
      return Braked{Brake::kNewRecipientsPerDay, std::nullopt, limits.new_recipients_per_day};
    const std::uint32_t must_go = strangers + message.new_recipients - limits.new_recipients_per_day;
    return Braked{Brake::kNewRecipientsPerDay, free_at(day_, kHour, now, &Part::new_recipients, must_go),
                  limits.new_recipients_per_day};
  }
  return message.continued ? std::nullopt : check_bounces(limits, now);
}

std::optional<Braked> SendingRecord::check_bounces(const BrakeLimits& limits, SystemTime now) const {
  const std::int64_t number = part_number(now, kHour);
  const std::uint64_t results = sum(day_, number, &Part::results);
  const std::uint64_t bounces = sum(day_, number, &Part::bounces);
  if (limits.bounce_percent == 0 || results < limits.bounce_from || results == 0) return std::nullopt;
  if (bounces * 100 <= results * limits.bounce_percent) return std::nullopt;
  return Braked{Brake::kBounceRatio, free_at(day_, kHour, now, &Part::bounces, 1), limits.bounce_percent};
}

void SendingRecord::count_message(const BrakedMessage& message, SystemTime now) {
  Part& hour = part_at(day_, part_number(now, kHour));
  if (!message.continued) {
    ++part_at(hour_, part_number(now, kTenMinutes)).messages;
    ++hour.messages;
  }
  hour.new_recipients += message.new_recipients;
}

void SendingRecord::count_result(bool bounced, SystemTime now) {
  Part& hour = part_at(day_, part_number(now, kHour));
  ++hour.results;
  if (bounced) ++hour.bounces;
}

std::uint32_t SendingRecord::messages_in_hour(SystemTime now) const {
  return sum(hour_, part_number(now, kTenMinutes), &Part::messages);
}

std::uint32_t SendingRecord::messages_in_day(SystemTime now) const {
  return sum(day_, part_number(now, kHour), &Part::messages);
}

bool SendingRecord::empty(SystemTime now) const {
  const std::int64_t number = part_number(now, kHour);
  return messages_in_day(now) == 0 && sum(day_, number, &Part::results) == 0;
}

std::string SendingRecord::encode() const {
  std::string row;
  row.push_back(static_cast<char>(kRecordVersion));
  const auto put = [&row](const Part& part) {
    put_varint(row, static_cast<std::uint64_t>(part.number + 1));
    for (const auto value : {part.messages, part.new_recipients, part.results, part.bounces}) put_varint(row, value);
  };
  std::ranges::for_each(hour_, put);
  std::ranges::for_each(day_, put);
  return row;
}

std::optional<SendingRecord> SendingRecord::decode(std::string_view row) {
  ByteReader in(row);
  if (in.take_be<std::uint8_t>() != kRecordVersion) return std::nullopt;
  SendingRecord record;
  const auto take = [&in](Part& part) {
    const auto number = in.take_varint();
    if (!number) return false;
    part.number = static_cast<std::int64_t>(*number) - 1;
    for (auto* target : {&part.messages, &part.new_recipients, &part.results, &part.bounces}) {
      const auto value = in.take_varint();
      if (!value || *value > UINT32_MAX) return false;
      *target = static_cast<std::uint32_t>(*value);
    }
    return true;
  };
  if (!std::ranges::all_of(record.hour_, take) || !std::ranges::all_of(record.day_, take) || !in.empty())
    return std::nullopt;
  return record;
}

}  // namespace veredus::work::queue
