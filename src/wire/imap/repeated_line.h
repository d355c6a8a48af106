#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "wire/imap/decimal_text.h"

namespace veredus::wire::imap {

/// A FETCH line, to be said again of the next message: with its number, and its UID, counted up. In long lists most
/// lines differ from the one before them in nothing else.
class RepeatedLine {
 public:
  /// A whole line as FetchReply writes it. The UID is counted up too when it comes first.
  void keep(std::string_view line) {
    constexpr std::size_t kNumber = 2;  // behind "* "
    constexpr std::array<std::string_view, 2> kUid = {" FETCH (UID ", " UIDFETCH (UID "};
    line_ = line;
    const auto name = line_.find(' ', kNumber);
    number_ = {kNumber, name};
    uid_ = {};
    for (const auto before : kUid) {
      if (!std::string_view(line_).substr(name).starts_with(before)) continue;
      const auto begin = name + before.size();
      uid_ = {begin, line_.find_first_not_of("0123456789", begin)};
    }
  }
  /// False, and nothing is appended: there is no such line, or one of its numbers has a digit more from here on.
  bool append_next(std::string& out) {
    if (line_.empty()) return false;
    const bool same_length = count_up(digits(number_)) && (uid_.begin == uid_.end || count_up(digits(uid_)));
    if (same_length) {
      out.append(line_);
    } else {
      line_.clear();
    }
    return same_length;
  }

 private:
  struct Place {
    std::size_t begin = 0;
    std::size_t end = 0;
  };
  std::span<char> digits(Place place) { return std::span(line_).subspan(place.begin, place.end - place.begin); }

  std::string line_;
  Place number_;
  Place uid_;
};

}  // namespace veredus::wire::imap
