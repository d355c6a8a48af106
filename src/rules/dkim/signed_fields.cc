#include "rules/dkim/signed_fields.h"

#include <algorithm>
#include <cstddef>

#include "base/codec/ascii.h"
#include "base/crypto/digest.h"

namespace veredus::rules::dkim {

namespace codec = base::codec;
using wire::mime::Field;

namespace {

/// RFC 6376 s3.4.2: unfolded, white space made one space and none at the ends.
void append_relaxed_value(std::string& out, std::string_view value) {
  constexpr auto kIsSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  const auto begun = out.size();
  const auto* at = value.data();
  const auto* const end = at + value.size();
  while (true) {
    at = std::find_if_not(at, end, kIsSpace);
    if (at == end) return;
    const auto* const word_end = std::find_if(at, end, kIsSpace);
    if (out.size() > begun) out += ' ';
    out.append(at, word_end);
    at = word_end;
  }
}

/// Where the value of the b= tag stands in a field's text: from behind its '=' to its ';' or the end.
std::pair<std::size_t, std::size_t> signature_value(std::string_view text, std::size_t from) {
  while (from < text.size()) {
    const auto end = std::min(text.find(';', from), text.size());
    const auto sign = text.find('=', from);
    if (sign < end && codec::trim_ascii(text.substr(from, sign - from)) == "b") return {sign + 1, end};
    from = end + 1;
  }
  return {text.size(), text.size()};
}

/// The line end that a field as sent has at its end, if it has one.
std::string_view without_line_end(std::string_view whole) {
  if (whole.ends_with('\n')) whole.remove_suffix(1);
  if (whole.ends_with('\r')) whole.remove_suffix(1);
  return whole;
}

}  // namespace

void append_canonical(std::string& out, const Field& field, Canonical canonical) {
  if (canonical == Canonical::kSimple) {
    out += without_line_end(field.whole);
  } else {
    for (const char c : field.name) out += codec::to_lower_ascii(c);
    out += ':';
    append_relaxed_value(out, field.value);
  }
  out += "\r\n";
}

std::string canonical_fields(const std::vector<Field>& fields, const std::vector<std::string>& names,
                             Canonical canonical, const Field* but) {
  std::string out;
  out.reserve(2048);  // most headers, with the signature's own field behind them
  std::vector<char> used(fields.size(), 0);
  for (std::size_t i = 0; but != nullptr && i < fields.size(); ++i)
    used[i] = fields[i].whole.data() == but->whole.data() ? 1 : 0;
  for (const auto& name : names) {
    for (std::size_t i = fields.size(); i-- > 0;) {
      if (used[i] != 0 || !codec::iequals_ascii(fields[i].name, name)) continue;
      used[i] = 1;
      append_canonical(out, fields[i], canonical);
      break;
    }
  }
  return out;
}

std::string canonical_signature_field(const Field& field, Canonical canonical) {
  std::string whole(without_line_end(field.whole));
  const auto value_at = static_cast<std::size_t>(field.value.data() - field.whole.data());
  const auto [from, to] = signature_value(whole, value_at);
  whole.erase(from, to - from);
  const Field emptied{.name = field.name,
                      .value = std::string_view(whole).substr(std::min(value_at, whole.size())),
                      .whole = whole,
                      .offset = 0};
  std::string out;
  out.reserve(whole.size() + 2);
  append_canonical(out, emptied, canonical);
  out.resize(out.size() - 2);
  return out;
}

std::string signed_digest(const std::vector<wire::mime::Field>& fields, const std::vector<std::string>& names,
                          const wire::mime::Field& signature, Canonical canonical) {
  return base::crypto::sha256(canonical_fields(fields, names, canonical, &signature) +
                              canonical_signature_field(signature, canonical));
}

}  // namespace veredus::rules::dkim
