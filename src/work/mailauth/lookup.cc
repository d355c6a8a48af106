#include "work/mailauth/lookup.h"

#include <chrono>
#include <expected>
#include <string>

namespace veredus::work::mailauth {

namespace dns = io::dns;
using rules::inquiry::Question;
using rules::inquiry::RecordType;
using rules::inquiry::Reply;
using rules::inquiry::ReplyStatus;

namespace {

/// How long a name that is not there is remembered: errors carry no TTL (RFC 2308 s5).
constexpr std::chrono::seconds kNoSuchNameLife{60};

/// What is left of an answer when its records are put aside.
template <class Record>
Looked looked_up(const std::expected<dns::Answer<Record>, dns::DnsError>& answer) {
  Looked out;
  if (answer) {
    out.reply.status = answer->records.empty() ? ReplyStatus::kNoRecord : ReplyStatus::kFound;
    out.ttl = answer->ttl;
  } else {
    const bool no_name =
        answer.error() == dns::DnsError::kNoSuchName || answer.error() == dns::DnsError::kMalformedName;
    out.reply.status = no_name ? ReplyStatus::kNoSuchName : ReplyStatus::kFailed;
    if (no_name) out.ttl = kNoSuchNameLife;
  }
  return out;
}

asio::awaitable<Looked> look_up_addresses(dns::Resolver* resolver, RecordType type, std::string name) {
  const auto answer =
      type == RecordType::kA ? co_await resolver->a(std::move(name)) : co_await resolver->aaaa(std::move(name));
  Looked out = looked_up(answer);
  if (answer)
    for (const auto& record : answer->records) out.reply.addresses.push_back(record.value());
  co_return out;
}

asio::awaitable<Looked> look_up_exchanges(dns::Resolver* resolver, std::string name) {
  const auto answer = co_await resolver->mx(std::move(name));
  Looked out = looked_up(answer);
  if (answer)
    for (const auto& record : answer->records)
      out.reply.exchanges.push_back({.preference = record.preference, .host = record.exchange});
  co_return out;
}

asio::awaitable<Looked> look_up_texts(dns::Resolver* resolver, std::string name) {
  auto answer = co_await resolver->txt(std::move(name));
  Looked out = looked_up(answer);
  if (answer) out.reply.texts = std::move(answer->records);
  co_return out;
}

/// A rule asks for the name under arpa; the resolver takes the address.
asio::awaitable<Looked> look_up_names(dns::Resolver* resolver, std::string reverse_name) {
  Looked out{.reply = Reply(), .ttl = kNoSuchNameLife};
  const auto address = base::codec::address_of_reverse_name(reverse_name);
  if (!address) co_return out;
  auto answer = co_await resolver->ptr(io::net::IpAddress(*address));
  out = looked_up(answer);
  if (answer) out.reply.names = std::move(answer->records);
  co_return out;
}

}  // namespace

asio::awaitable<Looked> look_up_with_ttl(dns::Resolver* resolver, Question question) {
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
  co_return Looked();
}

asio::awaitable<Reply> look_up(dns::Resolver* resolver, Question question) {
  auto looked = co_await look_up_with_ttl(resolver, std::move(question));
  co_return std::move(looked.reply);
}

}  // namespace veredus::work::mailauth
