#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/bytes.h"
#include "base/types/clock.h"
#include "state/mailbox/email.h"
#include "state/mailbox/mailbox_error.h"
#include "state/mailbox/rows.h"

/// What rows are written with and read by.
namespace veredus::state::mailbox::rows {

/// A row that will take about `octets`.
inline std::string begin(std::size_t octets, std::uint8_t version = 1) {
  std::string out;
  out.reserve(octets);
  out.push_back(static_cast<char>(version));
  return out;
}

inline void put_time(std::string& out, SystemTime time) {
  put_be(out, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

inline void put_location(std::string& out, Location at) {
  put_be(out, at.mailbox.value);
  put_be(out, at.uid.value);
}

inline void put_strings(std::string& out, const std::vector<std::string>& strings) {
  put_varint(out, strings.size());
  for (const auto& string : strings) put_string(out, string);
}

/// Reads field after field; after the first that is missing every answer is empty, and `ok` false.
class Fields {
 public:
  /// Knows the versions 1..`newest`.
  explicit Fields(std::string_view octets, std::uint8_t newest = 1) : in_(octets), version_(octet()) {
    failed_ = version_ < 1 || version_ > newest;
  }

  /// From some place within a row on.
  static Fields within(std::string_view octets) { return Fields(octets, Inside()); }

  [[nodiscard]] std::uint8_t version() const { return version_; }
  [[nodiscard]] std::string_view rest() const { return in_.rest(); }

  std::uint8_t octet() { return number<std::uint8_t>(); }
  template <class T>
  T number() {
    return kept(in_.take_be<T>());
  }
  template <class Id>
  Id id() {
    return Id(number<typename Id::rep>());
  }
  std::uint64_t varint() { return kept(in_.take_varint()); }
  SystemTime time() {
    return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(number<std::uint64_t>())));
  }
  Location location() {
    const auto mailbox = id<MailboxId>();
    return {mailbox, id<Uid>()};
  }
  std::string_view view() { return kept(in_.take_string()); }
  std::string string() { return std::string(view()); }
  /// A count of things of at least `least_octets` each, so never more than the rest can hold.
  std::size_t count(std::size_t least_octets) {
    const auto count = kept(in_.take_varint());
    if (count > in_.rest().size() / least_octets) failed_ = true;
    return failed_ ? 0 : count;
  }
  std::vector<std::string> strings() {
    std::vector<std::string> strings(count(1));
    for (auto& one : strings) one = string();
    return strings;
  }
  /// `of_each` strings for every one counted; they stay where they are.
  StringsView strings_view(std::size_t of_each) {
    const auto strings = count(of_each) * of_each;
    const auto octets = in_.rest();
    for (std::size_t i = 0; i < strings && !failed_; ++i) view();
    return failed_ ? StringsView() : StringsView(strings, octets.substr(0, octets.size() - in_.rest().size()));
  }
  /// An enumerator 0..last.
  template <class E>
  E enumerator(E first, E last) {
    const auto value = octet();
    if (value < static_cast<std::uint8_t>(first) || value > static_cast<std::uint8_t>(last)) failed_ = true;
    return static_cast<E>(value);
  }
  /// What was read cannot be.
  void fail() { failed_ = true; }
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool ok() const { return !failed_ && in_.empty(); }

  template <class T>
  Decoded<T> finish(T value) const {
    if (!ok()) return std::unexpected(MailboxError::kCorrupt);
    return value;
  }

 private:
  struct Inside {};
  Fields(std::string_view octets, Inside /*inside*/) : in_(octets), version_(0) {}

  template <class T>
  T kept(std::optional<T> value) {
    if (!value) failed_ = true;
    return value.value_or(T{});
  }

  ByteReader in_;
  bool failed_ = false;
  std::uint8_t version_;
};

}  // namespace veredus::state::mailbox::rows
