#include "wire/imap/fetch_reply.h"

#include <charconv>
#include <cstring>
#include <utility>

#include "wire/imap/date.h"
#include "wire/imap/imap_string.h"

namespace veredus::wire::imap {
namespace {

constexpr std::size_t kDigits = 20;

}  // namespace

std::string& FetchReply::out() {
  out_.append(text_.data(), std::exchange(gathered_, 0));
  return out_;
}

inline void FetchReply::put(std::string_view text) {
  if (text.size() > text_.size() - gathered_) {
    out();
    if (text.size() > text_.size()) {
      out_.append(text);
      return;
    }
  }
  gathered_ += text.copy(text_.data() + gathered_, text.size());
}

template <std::size_t kSize>
inline void FetchReply::put(const char (&text)[kSize]) {  // NOLINT(*-avoid-c-arrays)
  constexpr std::size_t kOctets = kSize - 1;
  static_assert(kOctets <= sizeof text_);
  if (text_.size() - gathered_ < kOctets) out();
  std::memcpy(text_.data() + gathered_, text, kOctets);
  gathered_ += kOctets;
}

inline void FetchReply::put(const DecimalText& number) {
  if (text_.size() - gathered_ < DecimalText::kRoom) out();
  std::memcpy(text_.data() + gathered_, number.begin(), DecimalText::kRoom);
  gathered_ += number.size();
}

inline void FetchReply::put_number(std::uint64_t number) {
  if (text_.size() - gathered_ < kDigits) out();
  char* at = text_.data() + gathered_;
  gathered_ += static_cast<std::size_t>(std::to_chars(at, at + kDigits, number).ptr - at);
}

template <class Word>
inline void FetchReply::name(const Word& word) {
  if (!std::exchange(first_, false)) put(" ");
  put(word);
}

void FetchReply::name(const FetchItem& item) {
  name(std::string_view());
  append_item_name(out(), item);
  out_.push_back(' ');
}

FetchReply::FetchReply(std::string& out, std::uint32_t number, Form form)
    : FetchReply(out, DecimalText(number), form) {}

FetchReply::FetchReply(std::string& out, const DecimalText& number, Form form) : out_(out) {
  put("* ");
  put(number);
  form == Form::kFetch ? put(" FETCH (") : put(" UIDFETCH (");
}

void FetchReply::uid(std::uint32_t number) { uid(DecimalText(number)); }

void FetchReply::uid(const DecimalText& uid) {
  name("UID ");
  put(uid);
}

void FetchReply::flags(std::uint8_t system, std::span<const std::string> table, std::uint64_t low, std::uint64_t high) {
  name("FLAGS ");
  append_flag_list(out(), system, table, low, high);
}

void FetchReply::flags(std::string_view list) {
  name("FLAGS ");
  put(list);
}

void FetchReply::internal_date(SystemTime time) {
  name("INTERNALDATE ");
  append_date_time(out(), time);
}

void FetchReply::rfc822_size(std::uint64_t octets) {
  name("RFC822.SIZE ");
  put_number(octets);
}

void FetchReply::modseq(std::uint64_t modseq) {
  name("MODSEQ (");
  put_number(modseq);
  put(")");
}

void FetchReply::save_date(std::optional<SystemTime> time) {
  name("SAVEDATE ");
  if (time) {
    append_date_time(out(), *time);
  } else {
    put("NIL");
  }
}

void FetchReply::email_id(std::string_view id) {
  name("EMAILID (");
  put(id);
  put(")");
}

void FetchReply::thread_id(std::optional<std::string_view> id) {
  name("THREADID ");
  if (id) {
    put("(");
    put(*id);
    put(")");
  } else {
    put("NIL");
  }
}

void FetchReply::preview(const std::optional<std::string_view>& utf8) {
  name("PREVIEW ");
  append_nstring(out(), utf8);
}

void FetchReply::ready(std::string_view word, std::string_view value) {
  name(word);
  put(" ");
  put(value);
}

void FetchReply::text(const FetchItem& item, std::string_view value) {
  name(item);
  append_string(out(), value);
}

void FetchReply::nil(const FetchItem& item) {
  name(item);
  put("NIL");
}

void FetchReply::literal(const FetchItem& item, std::uint64_t octets, bool has_nul) {
  name(item);
  if (has_nul) {
    append_literal8_begin(out(), octets);
  } else {
    append_literal_begin(out(), octets);
  }
}

void FetchReply::literal(std::string_view item_name, std::uint64_t octets) {
  name(item_name);
  put(" {");
  put_number(octets);
  put("}\r\n");
  out();
}

void FetchReply::binary_size(const FetchItem& item, std::uint64_t octets) {
  name(item);
  put_number(octets);
}

void FetchReply::finish() {
  put(")\r\n");
  out();
}

}  // namespace veredus::wire::imap
