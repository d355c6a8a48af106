#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/types/clock.h"
#include "wire/imap/decimal_text.h"
#include "wire/imap/fetch_item.h"
#include "wire/imap/flag.h"

namespace veredus::wire::imap {

/// Writes one `* 23 FETCH (…)` line to the end of a string, item by item; the caller gives UID first. Values stream:
/// after `literal` the caller appends (or has the string sent and sends) exactly its octets, then goes on. Cheap: short
/// items are gathered, so that a message's FLAGS line is one append; all is in the string after `literal` and `finish`.
class FetchReply {
 public:
  /// kUidFetch: `* 23 UIDFETCH (…)`, number is the UID (RFC 9586 s3.3).
  enum class Form : std::uint8_t { kFetch, kUidFetch };
  FetchReply(std::string& out, std::uint32_t number, Form form = Form::kFetch);
  /// For who writes many.
  FetchReply(std::string& out, const DecimalText& number, Form form);

  void uid(std::uint32_t number);
  void uid(const DecimalText& uid);
  /// `system`: SystemFlag bits; keywords as in flag.h.
  void flags(std::uint8_t system, std::span<const std::string> table, std::uint64_t low, std::uint64_t high);
  /// The same with the list as append_flag_list writes it: for who says it many times.
  void flags(std::string_view list);
  void internal_date(SystemTime time);
  void rfc822_size(std::uint64_t octets);
  void modseq(std::uint64_t modseq);
  void save_date(std::optional<SystemTime> time);
  void email_id(std::string_view id);
  void thread_id(std::optional<std::string_view> id);
  /// nullopt: NIL (LAZY, and not there yet). RFC 8970 s3.2: at most 256 characters.
  void preview(const std::optional<std::string_view>& utf8);
  /// ENVELOPE, BODY, BODYSTRUCTURE: the ready-made value.
  void ready(std::string_view name, std::string_view value);

  // Sections, named as `item` names them.
  /// Text as quoted string or literal.
  void text(const FetchItem& item, std::string_view value);
  /// A section there is not.
  void nil(const FetchItem& item);
  /// `{n}` CRLF; octets of the caller's follow. For BINARY a literal8 when `has_nul` says so.
  void literal(const FetchItem& item, std::uint64_t octets, bool has_nul = false);
  /// The same with the item's name as append_item_name writes it: for who says it many times.
  void literal(std::string_view item_name, std::uint64_t octets);
  void binary_size(const FetchItem& item, std::uint64_t octets);

  /// ")" CRLF.
  void finish();
  /// Whether no item was written yet.
  [[nodiscard]] bool empty() const { return first_; }

 private:
  void put(std::string_view text);
  template <std::size_t kSize>
  void put(const char (&text)[kSize]);  // NOLINT(*-avoid-c-arrays): of known length, so that it is a few instructions
  void put(const DecimalText& number);
  void put_number(std::uint64_t number);
  template <class Word>
  void name(const Word& word);
  void name(const FetchItem& item);
  /// The string, with all that was gathered in it.
  std::string& out();

  std::string& out_;
  bool first_ = true;
  std::size_t gathered_ = 0;
  std::array<char, 192> text_;
};

}  // namespace veredus::wire::imap
