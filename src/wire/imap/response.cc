#include "wire/imap/response.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "wire/imap/date.h"

namespace veredus::wire::imap {
namespace {

using base::codec::iequals_ascii;
using Kind = ResponseValue::Kind;

std::optional<std::string> read_name(const ResponseValue& value, Names names) {
  if (value.kind != Kind::kAtom && value.kind != Kind::kString) return std::nullopt;
  // Some servers write UTF-8, or an "&" as it is: better a name as sent than none.
  return decode_mailbox(value.text, names).value_or(value.text);
}

void read_flags(const ResponseValue& value, FetchResponse& fetch) {
  if (value.kind != Kind::kList) return;
  FlagList flags;
  for (const auto& flag : value.items) {
    fetch.recent = fetch.recent || flag.is("\\Recent");
    (void)add_flag(flags, flag.text);  // flags of other servers' own ("\Important") are passed over
  }
  fetch.flags = std::move(flags);
}

/// False: the UID is none. Another item that is damaged counts as not said.
bool read_item(std::string name, const ResponseValue& value, FetchResponse& fetch) {
  if (name == "UID") {
    const auto uid = value.number();
    fetch.uid = static_cast<std::uint32_t>(uid.value_or(0));
    return uid && *uid == fetch.uid;
  }
  if (name == "FLAGS")
    read_flags(value, fetch);
  else if (name == "INTERNALDATE")
    fetch.internal_date = parse_date_time(value.text);
  else if (name == "RFC822.SIZE")
    fetch.size = value.number();
  else if (name == "MODSEQ")
    fetch.modseq = value.items.size() == 1 ? value.items.front().number() : value.number();
  else
    fetch.others.emplace_back(std::move(name), value);
  return true;
}

}  // namespace

bool ListResponse::has(std::string_view attribute) const {
  return std::ranges::any_of(attributes, [attribute](const auto& one) { return iequals_ascii(one, attribute); });
}

std::optional<ListResponse> read_list(const Response& response, Names names) {
  const auto& values = response.values;
  if ((response.name != "LIST" && response.name != "LSUB") || values.size() < 3 || values[0].kind != Kind::kList)
    return std::nullopt;
  ListResponse list;
  for (const auto& attribute : values[0].items) list.attributes.push_back(attribute.text);
  if (values[1].text.size() > 1) return std::nullopt;
  if (!values[1].text.empty()) list.separator = values[1].text.front();
  // A mailbox may well be called NIL (an atom), and some servers write its name so.
  const auto name = values[2].kind == Kind::kNil ? "NIL" : read_name(values[2], names);
  if (!name) return std::nullopt;
  list.name = *name;
  return list;
}

std::optional<std::uint64_t> StatusResponse::number(std::string_view item) const {
  const auto found = std::ranges::find(numbers, item, [](const auto& pair) -> std::string_view { return pair.first; });
  if (found == numbers.end()) return std::nullopt;
  return found->second;
}

std::optional<StatusResponse> read_status(const Response& response, Names names) {
  const auto& values = response.values;
  if (response.name != "STATUS" || values.size() < 2 || values.back().kind != Kind::kList) return std::nullopt;
  StatusResponse status;
  const auto name = read_name(values[0], names);
  if (!name) return std::nullopt;
  status.name = *name;
  const auto& items = values.back().items;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2)
    if (const auto number = items[i + 1].number())
      status.numbers.emplace_back(base::codec::to_upper_ascii(items[i].text), *number);
  return status;
}

const ResponseValue* FetchResponse::other(std::string_view name) const {
  const auto found = std::ranges::find_if(others, [name](const auto& pair) { return iequals_ascii(pair.first, name); });
  return found == others.end() ? nullptr : &found->second;
}

std::optional<FetchResponse> read_fetch(const Response& response) {
  const bool uid_fetch = response.name == "UIDFETCH";
  if ((response.name != "FETCH" && !uid_fetch) || !response.number || response.values.size() != 1) return std::nullopt;
  const auto& items = response.values.front().items;
  FetchResponse fetch;
  fetch.number = *response.number;
  if (uid_fetch) fetch.uid = fetch.number;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].kind != Kind::kAtom) return std::nullopt;
    if (!read_item(base::codec::to_upper_ascii(items[i].text), items[i + 1], fetch)) return std::nullopt;
  }
  return fetch;
}

std::optional<std::vector<std::uint32_t>> read_search(const Response& response) {
  std::vector<std::uint32_t> numbers;
  const auto& values = response.values;
  if (response.name == "SEARCH" || response.name == "SORT") {
    for (const auto& value : values)
      if (const auto number = value.number()) numbers.push_back(static_cast<std::uint32_t>(*number));
    return numbers;
  }
  if (response.name != "ESEARCH") return std::nullopt;
  const auto all = std::ranges::find_if(values, [](const auto& value) { return value.is("ALL"); });
  if (all == values.end() || all + 1 == values.end()) return numbers;
  const auto set = parse_sequence_set((all + 1)->text);
  if (!set) return std::nullopt;
  constexpr std::size_t kMost = 10'000'000;  // numbers, whatever the set claims
  for (const auto& [first, last] : set->resolve(0)) {
    if (last - first >= kMost - numbers.size()) return std::nullopt;
    for (auto number = first; number != last; ++number) numbers.push_back(number);
    numbers.push_back(last);
  }
  return numbers;
}

std::optional<std::vector<std::string>> read_capability(const Response& response) {
  const bool as_code = response.code == "CAPABILITY";
  if (!as_code && response.name != "CAPABILITY") return std::nullopt;
  std::vector<std::string> words;
  for (const auto& value : as_code ? response.code_values : response.values)
    words.push_back(base::codec::to_upper_ascii(value.text));
  return words;
}

}  // namespace veredus::wire::imap
