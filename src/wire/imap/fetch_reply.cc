#include "wire/imap/fetch_reply.h"

#include <utility>

#include "wire/imap/date.h"
#include "wire/imap/imap_string.h"

namespace veredus::wire::imap {

FetchReply::FetchReply(std::string& out, std::uint32_t number, Form form) : out_(out) {
  out_.append("* ", 2);
  append_number(out_, number);
  out_.append(form == Form::kFetch ? " FETCH (" : " UIDFETCH (");
}

void FetchReply::name(std::string_view word) {
  if (!std::exchange(first_, false)) out_.push_back(' ');
  out_.append(word);
}

void FetchReply::name(const FetchItem& item) {
  if (!std::exchange(first_, false)) out_.push_back(' ');
  append_item_name(out_, item);
  out_.push_back(' ');
}

void FetchReply::uid(std::uint32_t uid) {
  name("UID ");
  append_number(out_, uid);
}

void FetchReply::flags(std::uint8_t system, std::span<const std::string> table, std::uint64_t low, std::uint64_t high) {
  name("FLAGS ");
  append_flag_list(out_, system, table, low, high);
}

void FetchReply::internal_date(SystemTime time) {
  name("INTERNALDATE ");
  append_date_time(out_, time);
}

void FetchReply::rfc822_size(std::uint64_t octets) {
  name("RFC822.SIZE ");
  append_number(out_, octets);
}

void FetchReply::modseq(std::uint64_t modseq) {
  name("MODSEQ (");
  append_number(out_, modseq);
  out_.push_back(')');
}

void FetchReply::save_date(std::optional<SystemTime> time) {
  name("SAVEDATE ");
  if (time) {
    append_date_time(out_, *time);
  } else {
    out_.append("NIL");
  }
}

void FetchReply::email_id(std::string_view id) {
  name("EMAILID (");
  out_.append(id).push_back(')');
}

void FetchReply::thread_id(std::optional<std::string_view> id) {
  name("THREADID ");
  if (id) {
    out_.append("(").append(*id).append(")");
  } else {
    out_.append("NIL");
  }
}

void FetchReply::preview(const std::optional<std::string_view>& utf8) {
  name("PREVIEW ");
  append_nstring(out_, utf8);
}

void FetchReply::ready(std::string_view word, std::string_view value) {
  name(word);
  out_.push_back(' ');
  out_.append(value);
}

void FetchReply::text(const FetchItem& item, std::string_view value) {
  name(item);
  append_string(out_, value);
}

void FetchReply::nil(const FetchItem& item) {
  name(item);
  out_.append("NIL");
}

void FetchReply::literal(const FetchItem& item, std::uint64_t octets, bool has_nul) {
  name(item);
  if (has_nul) {
    append_literal8_begin(out_, octets);
  } else {
    append_literal_begin(out_, octets);
  }
}

void FetchReply::literal(std::string_view item_name, std::uint64_t octets) {
  name(item_name);
  out_.push_back(' ');
  append_literal_begin(out_, octets);
}

void FetchReply::binary_size(const FetchItem& item, std::uint64_t octets) {
  name(item);
  append_number(out_, octets);
}

void FetchReply::finish() { out_.append(")\r\n", 3); }

}  // namespace veredus::wire::imap
