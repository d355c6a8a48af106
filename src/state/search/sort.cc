#include "state/search/sort.h"

#include <algorithm>
#include <tuple>

#include "base/types/bytes.h"
#include "state/search/fold.h"
#include "wire/mime/address.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/message_id.h"

namespace veredus::state::search {
namespace {

using wire::mime::Address;
using wire::mime::AddressKind;

void turn_round(std::string& order, std::size_t from) {
  for (std::size_t i = from; i < order.size(); ++i) order[i] = static_cast<char>(~order[i]);
}

/// RFC 5256 s3: addr-mailbox of the first address, which of a group is its name (RFC 9051 s7.5.2).
std::string mailbox_of(const Address& address) {
  return address.kind == AddressKind::kMailbox ? address.local_part : wire::mime::decode_words(address.name);
}

/// RFC 5957 s3: the display name; else mailbox@host; of a group its name.
std::string shown_as(const Address& address) {
  if (!address.name.empty()) return wire::mime::decode_words(address.name);
  return wire::mime::address_text(address);
}

}  // namespace

void append_order(std::string& order, std::uint64_t number, Direction direction) {
  const std::size_t from = order.size();
  put_be(order, number);
  if (direction == Direction::kDescending) turn_round(order, from);
}

void append_order(std::string& order, std::string_view text, Direction direction) {
  const std::size_t from = order.size();
  for (const char octet : text)
    if (octet != '\0') order.push_back(octet);
  order.push_back('\0');  // so that what a text begins with comes before it
  if (direction == Direction::kDescending) turn_round(order, from);
}

void append_encoded(std::string& order, std::string_view ascending, Direction direction) {
  const std::size_t from = order.size();
  order.append(ascending);
  if (direction == Direction::kDescending) turn_round(order, from);
}

void SortItems::add(Uid uid, ModSeq modseq, std::string_view order) {
  Item item{.uid = uid, .modseq = modseq};
  const auto begin = order.substr(0, sizeof(item.begin));
  for (std::size_t i = 0; i < sizeof(item.begin); ++i)
    item.begin = item.begin << 8 | (i < begin.size() ? static_cast<std::uint8_t>(begin[i]) : 0U);
  order.remove_prefix(begin.size());
  item.rest = rests_.size();
  item.rest_octets = static_cast<std::uint32_t>(order.size());
  rests_.append(order);
  items_.push_back(item);
}

void SortItems::sort() {
  std::ranges::sort(items_, [this](const Item& a, const Item& b) {
    if (a.begin != b.begin) return a.begin < b.begin;
    const int order = rest(a).compare(rest(b));
    return order != 0 ? order < 0 : a.uid < b.uid;
  });
}

std::string sort_text(SortBy by, std::string_view value) {
  if (by == SortBy::kSubject) return fold(wire::mime::base_subject(value));
  const auto addresses = wire::mime::parse_address_list(value, 1);
  if (addresses.empty()) return {};
  const bool display = by == SortBy::kDisplayFrom || by == SortBy::kDisplayTo;
  return fold(display ? shown_as(addresses.front()) : mailbox_of(addresses.front()));
}

}  // namespace veredus::state::search
