#include "state/search/summary_fields.h"

#include <algorithm>
#include <chrono>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "base/types/overloaded.h"
#include "wire/mime/address.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/summary.h"

namespace veredus::state::search {
namespace {

using base::codec::iequals_ascii;
using mailbox::EmailView;

bool is_kept(std::string_view name) {
  return std::ranges::any_of(wire::mime::kSummaryFields,
                             [name](std::string_view kept) { return iequals_ascii(kept, name); });
}

Verdict ask_header(const HeaderHas& wanted, const Needle& needle, const EmailView& email) {
  bool found = false;
  email.fields.for_each_pair([&](std::string_view name, std::string_view value) {
    if (!found && iequals_ascii(name, wanted.name)) found = value_has(needle, value);
  });
  if (found) return Verdict::kYes;
  return email.fields_complete && is_kept(wanted.name) ? Verdict::kNo : Verdict::kUnknown;
}

/// Any stored field has it: so has the whole text. Not finding it here says nothing.
Verdict ask_text(const Needle& needle, const EmailView& email) {
  bool found = false;
  email.fields.for_each_pair(
      [&](std::string_view, std::string_view value) { found = found || value_has(needle, value); });
  return found ? Verdict::kYes : Verdict::kUnknown;
}

Verdict ask_sent(const SentOn& wanted, const EmailView& email) {
  if (!email.fields_complete && !email.date) return Verdict::kNo;
  const auto date = sent(email);
  if (!date) return Verdict::kNo;
  // RFC 9051 s6.4.4 SENTON: "disregarding time and timezone".
  const auto day = std::chrono::floor<std::chrono::days>(date->time + date->offset);
  return verdict((!wanted.from || day >= *wanted.from) && (!wanted.until || day < *wanted.until));
}

}  // namespace

bool value_has(const Needle& needle, std::string_view value) {
  if (needle.empty()) return true;
  if (!value.contains('\n') && !value.contains("=?") && base::codec::is_ascii(value)) {
    if (needle.in_ascii(value)) return true;
  } else if (needle.in(wire::mime::decode_header(value))) {
    return true;
  }
  if (!value.contains('\\')) return false;
  // What a quoted string hides: `"Carol \"C\" Example"` has `carol "c"`.
  for (const auto& address : wire::mime::parse_address_list(value))
    if (needle.in(wire::mime::display_name(address)) || needle.in(wire::mime::address_text(address))) return true;
  return false;
}

std::optional<std::string_view> stored_field(const EmailView& email, std::string_view name) {
  std::optional<std::string_view> found;
  email.fields.for_each_pair([&](std::string_view one, std::string_view value) {
    if (iequals_ascii(one, name)) found = value;
  });
  return found;
}

std::optional<base::codec::ZonedTime> sent(const EmailView& email) {
  if (const auto value = stored_field(email, "Date"))
    if (auto date = base::codec::parse_rfc5322_date(*value)) return date;
  if (email.date) return base::codec::ZonedTime{*email.date, {}};
  return std::nullopt;
}

Verdict ask_summary(const Leaf& leaf, const EmailView& email) {
  return std::visit(Overloaded{
                        [&](const SentOn& wanted) { return ask_sent(wanted, email); },
                        [&](const ThreadIs& wanted) { return verdict(email.thread == wanted.thread); },
                        [&](const HasAttachment&) { return verdict(email.has_attachment); },
                        [&](const HeaderHas& wanted) { return ask_header(wanted, leaf.needle, email); },
                        [&](const TextHas&) { return ask_text(leaf.needle, email); },
                        [](const auto&) { return Verdict::kUnknown; },
                    },
                    leaf.is);
}

}  // namespace veredus::state::search
