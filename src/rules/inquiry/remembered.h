#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace veredus::rules::inquiry {

/// What texts of DNS mean. A busy domain's policy comes with thousands of messages, and to read it takes longer than to
/// follow it. One thread at a time.
///
///   thread_local Remembered<Record> known({.texts = 256, .octets = 512});
///   const auto record = known.meaning_of(text, parse_record);
template <class Meaning>
class Remembered {
 public:
  struct Limits {
    std::size_t texts;   // when there are more, all are forgotten
    std::size_t octets;  // of a text; longer ones are read each time
  };

  explicit Remembered(Limits limits) : limits_(limits) {}

  /// `read(text)`, or what it said before.
  template <class Read>
  std::shared_ptr<const Meaning> meaning_of(std::string_view text, const Read& read) {
    if (const auto known = meanings_.find(text); known != meanings_.end()) return known->second;
    auto meaning = std::make_shared<const Meaning>(read(text));
    if (text.size() > limits_.octets) return meaning;
    if (meanings_.size() >= limits_.texts) meanings_.clear();
    return meanings_.emplace(text, std::move(meaning)).first->second;
  }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>{}(text); }
  };

  Limits limits_;
  std::unordered_map<std::string, std::shared_ptr<const Meaning>, Hash, std::equal_to<>> meanings_;
};

}  // namespace veredus::rules::inquiry
