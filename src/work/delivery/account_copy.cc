#include "work/delivery/account_copy.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/crypto/digest.h"
#include "base/types/bytes.h"
#include "wire/mime/header_block.h"

namespace veredus::work::delivery {

std::string account_header(const std::optional<std::string>& sender, std::string_view delivered_to,
                           std::string_view trace) {
  std::string header;
  header.reserve(64 + (sender ? sender->size() : 0) + delivered_to.size() + trace.size());
  header.append("Return-Path: <");
  if (sender) header.append(*sender);
  header.append(">\r\nDelivered-To: ").append(delivered_to).append("\r\n").append(trace);
  return header;
}

void prepend_header(wire::mime::Structure& structure, std::string_view fields) {
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(fields, '\n'));
  for (auto& part : structure.parts) {
    part.header_begin += fields.size();
    part.body_begin += fields.size();
    part.body_end += fields.size();
  }
  auto& root = structure.parts.front();
  root.header_begin = 0;
  root.header_lines += lines;
  root.header.insert(0, fields);
  structure.octets += fields.size();
  structure.lines += lines;
}

state::mailbox::DedupeKey dedupe_key(const QueueId& id, AccountId account, SystemTime expiry) {
  std::string named(id.key());
  put_be(named, account.value);
  const auto digest = base::crypto::sha256(named);
  state::mailbox::DedupeKey key{.expiry = expiry};
  std::ranges::transform(digest.substr(0, key.key.size()), key.key.begin(),
                         [](char c) { return static_cast<std::uint8_t>(c); });
  return key;
}

unsigned count_received(const wire::mime::Structure& structure) {
  wire::mime::FieldReader reader(structure.root().header);
  unsigned count = 0;
  while (const auto field = reader.next())
    if (base::codec::iequals_ascii(field->name, "received")) ++count;
  return count;
}

}  // namespace veredus::work::delivery
