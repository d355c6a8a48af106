#include "work/mailauth/lookup.h"

#include <algorithm>
#include <expected>
#include <string>

namespace veredus::work::mailauth {

namespace dns = io::dns;
using rules::inquiry::Question;
using rules::inquiry::RecordType;
using rules::inquiry::Reply;
using rules::inquiry::ReplyStatus;

namespace {

/// What is left of an answer when its records are put aside.
template <class Record>
Reply reply_for(const std::expected<dns::Answer<Record>, dns::DnsError>& answer) {
  Reply out;
  if (answer) {
    out.status = answer->records.empty() ? ReplyStatus::kNoRecord : ReplyStatus::kFound;
  } else {
    const bool no_name =
        answer.error() == dns::DnsError::kNoSuchName || answer.error() == dns::DnsError::kMalformedName;
    out.status = no_name ? ReplyStatus::kNoSuchName : ReplyStatus::kFailed;
  }
  return out;
}

base::codec::IpAddress address_of(const io::net::IpAddress& address) {
  base::codec::IpAddress out;
  out.family = address.is_v6() ? base::codec::IpAddress::Family::kV6 : base::codec::IpAddress::Family::kV4;
  std::ranges::copy(address.octets(), out.octets.begin());
  return out;
}

asio::awaitable<Reply> look_up_addresses(dns::Resolver* resolver, RecordType type, std::string name) {
  const auto answer =
      type == RecordType::kA ? co_await resolver->a(std::move(name)) : co_await resolver->aaaa(std::move(name));
  Reply out = reply_for(answer);
  if (answer)
    for (const auto& record : answer->records) out.addresses.push_back(address_of(record));
  co_return out;
}

asio::awaitable<Reply> look_up_exchanges(dns::Resolver* resolver, std::string name) {
  const auto answer = co_await resolver->mx(std::move(name));
  Reply out = reply_for(answer);
  if (answer)
    for (const auto& record : answer->records)
      out.exchanges.push_back({.preference = record.preference, .host = record.exchange});
  co_return out;
}

asio::awaitable<Reply> look_up_texts(dns::Resolver* resolver, std::string name) {
  auto answer = co_await resolver->txt(std::move(name));
  Reply out = reply_for(answer);
  if (answer) out.texts = std::move(answer->records);
  co_return out;
}

/// A rule asks for the name under arpa; the resolver takes the address.
asio::awaitable<Reply> look_up_names(dns::Resolver* resolver, std::string reverse_name) {
  Reply out;
  const auto address = base::codec::address_of_reverse_name(reverse_name);
  if (!address) co_return out;
  const auto plain = io::net::IpAddress::parse(base::codec::to_string(*address));
  auto answer = co_await resolver->ptr(*plain);
  out = reply_for(answer);
  if (answer) out.names = std::move(answer->records);
  co_return out;
}

}  // namespace

asio::awaitable<Reply> look_up(dns::Resolver* resolver, Question question) {
  switch (question.type) {
    case RecordType::kA:
    case RecordType::kAaaa:
      co_return co_await look_up_addresses(resolver, question.type, std::move(question.name));
    case RecordType::kMx:
      co_return co_await look_up_exchanges(resolver, std::move(question.name));
    case RecordType::kPtr:
      co_return co_await look_up_names(resolver, std::move(question.name));
    case RecordType::kTxt:
      co_return co_await look_up_texts(resolver, std::move(question.name));
  }
  co_return Reply();
}

}  // namespace veredus::work::mailauth
