#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/types/bytes.h"
#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/email.h"

namespace veredus::state::mailbox {

/// Strings inside a stored row, read one after the other without a copy.
class StringsView {
 public:
  StringsView() = default;
  StringsView(std::size_t count, std::string_view octets) : count_(count), octets_(octets) {}

  [[nodiscard]] std::size_t size() const { return count_; }
  template <class Each>
  void for_each(const Each& each) const {
    ByteReader in(octets_);
    for (std::size_t i = 0; i < count_; ++i) each(*in.take_string());
  }
  /// Two by two: field names and their values.
  template <class Each>
  void for_each_pair(const Each& each) const {
    ByteReader in(octets_);
    for (std::size_t i = 0; i + 1 < count_; i += 2) {
      const auto first = *in.take_string();
      each(first, *in.take_string());
    }
  }

 private:
  std::size_t count_ = 0;
  std::string_view octets_;
};

/// What an email's row says, as views into it. The members are those of wire::mime::Summary.
struct EmailView {
  ThreadId thread;
  Location home;  // where it was put first
  SystemTime received_at;
  std::uint64_t octets = 0;
  std::uint32_t first_octets = 0;
  std::string_view envelope;
  std::string_view bodystructure;
  std::string_view body;
  std::string_view part_table;
  std::string_view preview;
  std::string_view subject_utf8;
  std::string_view message_id;
  StringsView in_reply_to;
  StringsView references;
  StringsView fields;  // name, value, name, value…
  bool fields_complete = true;
  bool has_attachment = false;
  std::optional<SystemTime> date;
};

/// Whether the same will probably be read again before long.
enum class Again : std::uint8_t { kNo, kMaybe };

/// Called for one email after the other, on whatever thread: it must not wait, and what it is given stands only until
/// it returns.
using EmailViewer = std::function<void(std::size_t place, const EmailView& email)>;

/// An email's row with the view of it: no string is copied. Moves, but is not copied.
class StoredEmail {
 public:
  StoredEmail() = default;
  StoredEmail(std::string row, EmailView view) : row_(std::move(row)), view_(view) {}
  StoredEmail(StoredEmail&&) noexcept = default;  // a row is too long for std::string to keep it in place
  StoredEmail& operator=(StoredEmail&&) noexcept = default;
  StoredEmail(const StoredEmail&) = delete;
  StoredEmail& operator=(const StoredEmail&) = delete;
  ~StoredEmail() = default;

  /// False: there is no such email (any more).
  [[nodiscard]] bool there() const { return !row_.empty(); }
  [[nodiscard]] const EmailView& view() const { return view_; }

 private:
  std::string row_;
  EmailView view_;
};

}  // namespace veredus::state::mailbox
