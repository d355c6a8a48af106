#include "work/delivery/account_copy.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/crypto/digest.h"
#include "base/types/bytes.h"
#include "wire/mime/header_block.h"

namespace veredus::work::delivery {

std::string account_header(const state::spool::SpooledMessage& message, const state::spool::SpooledTarget& target) {
  const auto* passage =
      target.passage == 0 || target.passage > message.passages.size() ? nullptr : &message.passages[target.passage - 1];
  const auto& sender = passage != nullptr && passage->sender ? passage->sender : message.sender;
  std::string header;
  header.reserve(64 + (sender ? sender->size() : 0) + target.delivered_to.size() + message.trace.size() +
                 (passage != nullptr ? passage->fields.size() : 0));
  header.append("Return-Path: <");
  if (sender) header.append(*sender);
  header.append(">\r\n");
  const auto name_at = header.size();
  header.append("Delivered-To: ").append(target.delivered_to).append("\r\n");
  if (passage != nullptr) {
    const bool said_already = passage->fields.starts_with(std::string_view(header).substr(name_at));
    if (said_already) header.resize(name_at);
    header.append(passage->fields);
  }
  return header.append(message.trace);
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

bool has_passed(const wire::mime::Structure& structure, std::string_view address) {
  wire::mime::FieldReader reader(structure.root().header);
  while (const auto field = reader.next())
    if (base::codec::iequals_ascii(field->name, "delivered-to") &&
        base::codec::iequals_ascii(base::codec::trim_ascii(field->value), address))
      return true;
  return false;
}

}  // namespace veredus::work::delivery
