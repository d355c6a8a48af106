#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/types/bytes.h"
#include "base/types/clock.h"
#include "base/types/ids.h"

namespace veredus::state::directory {

/// What all values of the directory's rows are made of: docs/formats/directory.md.

inline constexpr std::uint8_t kRowFormat = 1;

inline std::string begin_row() { return std::string(1, static_cast<char>(kRowFormat)); }

inline void put_time(std::string& out, SystemTime time) {
  put_be(out, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

inline void put_strings(std::string& out, const std::vector<std::string>& strings) {
  put_varint(out, strings.size());
  for (const auto& string : strings) put_string(out, string);
}

/// Reads fields one after another; once one is missing, all later ones are, and `complete` says no.
class RowFields {
 public:
  explicit RowFields(std::string_view value) : in_(value) {
    const auto format = in_.take_be<std::uint8_t>();
    good_ = format == kRowFormat;
  }
  std::uint64_t number() { return taken(in_.take_varint()); }
  /// At most `most`; a larger one is malformed.
  std::uint64_t number(std::uint64_t most) {
    const auto value = number();
    good_ = good_ && value <= most;
    return good_ ? value : 0;
  }
  bool flag() { return number(1) == 1; }
  std::string text() { return std::string(taken(in_.take_string())); }
  std::vector<std::string> texts() {
    std::vector<std::string> out;
    const auto count = number();
    for (std::uint64_t i = 0; i < count && good_; ++i) out.push_back(text());
    return out;
  }
  SystemTime time() {
    return SystemTime(std::chrono::milliseconds(static_cast<std::int64_t>(taken(in_.take_be<std::uint64_t>()))));
  }
  /// 0 stands for none.
  std::optional<AccountId> account() {
    const auto id = number();
    return id == 0 ? std::nullopt : std::optional(AccountId(id));
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return in_.empty(); }
  [[nodiscard]] bool complete() const { return good_ && in_.empty(); }

 private:
  template <class T>
  T taken(std::optional<T> field) {
    good_ = good_ && field.has_value();
    return good_ ? *field : T{};
  }
  ByteReader in_;
  bool good_ = false;
};

}  // namespace veredus::state::directory
