#include "work/mailauth/published_key.h"

#include <algorithm>
#include <utility>

#include "base/codec/base64.h"
#include "io/dns/resolver.h"
#include "rules/dkim/key_record.h"
#include "rules/dkim/tag_list.h"

namespace veredus::work::mailauth {

using base::crypto::KeyKind;
using rules::dkim::TagList;

namespace {

/// Why a record is not the key; empty: it is.
std::string problem_of(const std::string& text, KeyKind kind, std::string_view public_octets) {
  const auto record = rules::dkim::parse_key_record(text);
  if (!record) return std::string(to_string(record.error()));
  if (record->key.kind() != kind) return "it is a key of another kind";
  const auto tags = TagList::parse(text);
  const auto p = tags ? tags->find("p").value_or("") : std::string_view();
  const auto octets = base::codec::base64_decode(rules::dkim::without_white_space(p));
  if (!octets || *octets != public_octets) return "it is another key";
  if (record->testing) return "it says t=y: nobody may act on it";
  return {};
}

}  // namespace

std::string_view to_string(Publication publication) {
  switch (publication) {
    case Publication::kThere:
      return "there";
    case Publication::kMissing:
      return "missing";
    case Publication::kOther:
      return "wrong";
    case Publication::kUnknown:
      return "unknown";
  }
  return "unknown";
}

std::string key_name(std::string_view selector, std::string_view domain) {
  return std::string(selector).append("._domainkey.").append(domain);
}

asio::awaitable<PublishedKey> look_for_key(io::dns::Resolver* resolver, std::string name, KeyKind kind,
                                           std::string public_octets) {
  PublishedKey out;
  auto answer = co_await resolver->txt(std::move(name));
  if (!answer && answer.error() != io::dns::DnsError::kNoSuchName) {
    out.problem = to_string(answer.error());
    co_return out;
  }
  if (answer) out.texts = std::move(answer->records);
  if (out.texts.empty()) {
    out.publication = Publication::kMissing;
    out.problem = "there is no TXT record";
    co_return out;
  }
  out.publication = Publication::kOther;
  if (out.texts.size() > 1) {  // RFC 6376 s3.6.2.2: which one a verifier takes is undefined
    out.problem = "there are several TXT records";
    co_return out;
  }
  out.problem = problem_of(out.texts.front(), kind, public_octets);
  if (out.problem.empty()) out.publication = Publication::kThere;
  co_return out;
}

}  // namespace veredus::work::mailauth
