#include "work/delivery/passages.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "rules/srs/srs.h"
#include "state/directory/address_form.h"
#include "state/directory/resolution.h"
#include "state/directory/snapshot.h"
#include "wire/mime/encoded_word.h"

namespace veredus::work::delivery {

using state::directory::MailList;
using state::directory::Posting;
using state::directory::Snapshot;
using state::directory::split_address;
using state::directory::Via;

namespace {

wire::smtp::Address address_of(std::string_view normal) {
  const auto [local_part, domain] = split_address(normal);
  return {.local_part = std::string(local_part), .domain = std::string(domain)};
}

std::string with_suffix(const MailList& list, std::string_view suffix) {
  auto address = address_of(list.address);
  address.local_part += suffix;
  return to_string(address);
}

/// What RFC 6068 s2 lets stand in a mailto URI; the rest is percent-encoded.
std::string mailto(std::string_view address) {
  constexpr std::string_view kPlain = "!$'*+-._~@";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string uri = "<mailto:";
  for (const char c : address) {
    const bool plain = base::codec::is_alpha(c) || base::codec::is_digit(c) || kPlain.contains(c);
    if (plain) {
      uri.push_back(c);
      continue;
    }
    const auto octet = static_cast<std::uint8_t>(c);
    uri.append({'%', kDigits[octet >> 4], kDigits[octet & 15]});
  }
  return uri.append(">");
}

/// list-id = "<" list-label "." namespace ">" (RFC 2919 s3): dot-atoms, so what is none becomes '-'.
std::string list_id(const MailList& list) {
  const auto [local_part, domain] = split_address(list.address);
  std::string label;
  for (const char c : local_part) {
    const bool plain = base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '-' || c == '_' || c == '.';
    label.push_back(plain ? c : '-');
  }
  return label.append(".").append(domain);
}

std::vector<std::string> srs_secrets(const Snapshot& snapshot) {
  std::vector<std::string> secrets;
  for (const auto& secret : snapshot.routing().srs_secrets()) secrets.push_back(secret.octets);
  return secrets;
}

/// Whether SPF of the sender's domain would fail for mail that leaves from here.
bool needs_rewriting(const ForwardedFrom& from, const Snapshot& snapshot) {
  return from.sender != nullptr && !from.authenticated &&
         state::directory::find_domain(snapshot, from.sender->domain) == nullptr;
}

}  // namespace

std::string list_fields(const MailList& list) {
  const auto owner = mailto(with_suffix(list, state::directory::kOwnerSuffix));
  std::string fields = "List-Id: ";
  if (!list.name.empty()) fields += wire::mime::encode_phrase(list.name) + " ";
  fields += "<" + list_id(list) + ">\r\n";
  // RFC 2369 s3.4: announcements say that nobody else posts.
  fields += "List-Post: ";
  fields += list.posting == Posting::kModerators ? "NO" : mailto(to_string(address_of(list.address)));
  fields += "\r\nList-Owner: " + owner;
  // RFC 2369 s3.2: a person reads the letter.
  fields += "\r\nList-Unsubscribe: " + owner.substr(0, owner.size() - 1) + "?subject=unsubscribe>";
  return fields + "\r\nPrecedence: list\r\n";
}

Passage passage_for(const Via& via, const ForwardedFrom& from, const Snapshot& snapshot, SystemTime now) {
  Passage passage{.address = to_string(address_of(via.address)), .sender = std::nullopt, .fields = {}};
  passage.fields = "Delivered-To: " + passage.address + "\r\n";
  if (via.moderation) {
    passage.is_list = true;
    passage.fields += std::string(kModerationField) + ": " + to_string(address_of(via.list->address)) + "\r\n";
  } else if (via.list != nullptr) {
    passage.is_list = true;
    passage.sender = with_suffix(*via.list, state::directory::kBouncesSuffix);
    passage.fields += list_fields(*via.list);
    return passage;
  }
  if (!needs_rewriting(from, snapshot)) return passage;
  const auto secrets = srs_secrets(snapshot);
  if (secrets.empty()) return passage;
  const auto rewritten = rules::srs::rewrite(*from.sender, split_address(via.address).domain, secrets, now);
  if (rewritten) passage.sender = to_string(*rewritten);
  return passage;
}

}  // namespace veredus::work::delivery
