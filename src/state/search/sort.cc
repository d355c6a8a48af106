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

void sort_items(std::vector<SortItem>& items) {
  std::ranges::sort(items, [](const SortItem& a, const SortItem& b) {
    const int order = a.order.compare(b.order);
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
