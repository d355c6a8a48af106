#include "state/search/summary_fields.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "base/types/overloaded.h"
#include "state/search/fold.h"
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

Verdict ask_header(const HeaderHas& wanted, const Needle& needle, const EmailView& email, FieldTexts& texts) {
  bool found = false;
  email.fields.for_each_pair([&](std::string_view name, std::string_view value) {
    if (!found && iequals_ascii(name, wanted.name)) found = texts.have(needle, value);
  });
  if (found) return Verdict::kYes;
  return email.fields_complete && is_kept(wanted.name) ? Verdict::kNo : Verdict::kUnknown;
}

/// Any stored field has it: so has the whole text. Not finding it here says nothing.
Verdict ask_text(const Needle& needle, const EmailView& email, FieldTexts& texts) {
  bool found = false;
  email.fields.for_each_pair(
      [&](std::string_view, std::string_view value) { found = found || texts.have(needle, value); });
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

const FieldTexts::Text& FieldTexts::decoded(std::string_view value) {
  const auto [entry, is_new] = texts_.try_emplace(value.data());
  auto& text = entry->second;
  if (!is_new) return text;
  text.folded = fold(wire::mime::decode_header(value));
  if (value.contains('\\')) {  // what a quoted string hides: `"Carol \"C\" Example"` has `carol "c"`
    for (const auto& address : wire::mime::parse_address_list(value)) {
      text.addresses.push_back(fold(wire::mime::display_name(address)));
      text.addresses.push_back(fold(wire::mime::address_text(address)));
    }
  }
  return text;
}

bool FieldTexts::have(const Needle& needle, std::string_view value) {
  if (needle.empty()) return true;
  if (!value.contains('\n') && !value.contains("=?") && !value.contains('\\') && base::codec::is_ascii(value))
    return needle.in_ascii(value);
  const Text& text = decoded(value);
  const auto has = [&needle](const std::string& folded) { return needle.in_folded(folded); };
  return has(text.folded) || std::ranges::any_of(text.addresses, has);
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

Verdict ask_summary(const Leaf& leaf, const EmailView& email, FieldTexts& texts) {
  return std::visit(Overloaded{
                        [&](const SentOn& wanted) { return ask_sent(wanted, email); },
                        [&](const ThreadIs& wanted) { return verdict(email.thread == wanted.thread); },
                        [&](const HasAttachment&) { return verdict(email.has_attachment); },
                        [&](const HeaderHas& wanted) { return ask_header(wanted, leaf.needle, email, texts); },
                        [&](const TextHas&) { return ask_text(leaf.needle, email, texts); },
                        [](const auto&) { return Verdict::kUnknown; },
                    },
                    leaf.is);
}

}  // namespace veredus::state::search
