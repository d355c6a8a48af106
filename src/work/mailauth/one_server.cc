#include "work/mailauth/one_server.h"

#include <arpa/nameser.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/crypto/random.h"
#include "io/dns/name.h"
#include "io/dns/rdata.h"

namespace veredus::work::mailauth {

using rules::inquiry::Question;
using rules::inquiry::RecordType;
using rules::inquiry::Reply;
using rules::inquiry::ReplyStatus;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t kMostAnswerOctets = 65'535;
constexpr int kMostAliases = 8;  // followed, when the server does not follow them
constexpr int kTries = 2;

int number_of(RecordType type) {
  switch (type) {
    case RecordType::kA:
      return ns_t_a;
    case RecordType::kAaaa:
      return ns_t_aaaa;
    case RecordType::kMx:
      return ns_t_mx;
    case RecordType::kPtr:
      return ns_t_ptr;
    case RecordType::kTxt:
      return ns_t_txt;
  }
  return ns_t_txt;
}

/// A socket that closes itself.
class Socket {
 public:
  Socket(const io::net::Endpoint& server, int kind) {
    sockaddr_storage to{};
    socklen_t size = 0;
    const auto octets = server.address.octets();
    if (server.address.is_v6()) {
      auto& v6 = reinterpret_cast<sockaddr_in6&>(to);
      v6.sin6_family = AF_INET6;
      v6.sin6_port = htons(server.port);
      std::memcpy(&v6.sin6_addr, octets.data(), octets.size());
      size = sizeof v6;
    } else {
      auto& v4 = reinterpret_cast<sockaddr_in&>(to);
      v4.sin_family = AF_INET;
      v4.sin_port = htons(server.port);
      std::memcpy(&v4.sin_addr, octets.data(), octets.size());
      size = sizeof v4;
    }
    descriptor_ = ::socket(to.ss_family, kind | SOCK_CLOEXEC, 0);
    if (descriptor_ >= 0 && ::connect(descriptor_, reinterpret_cast<sockaddr*>(&to), size) != 0) close();
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(); }

  [[nodiscard]] bool send(std::string_view octets) const {
    return descriptor_ >= 0 &&
           ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size());
  }
  /// What has come until `deadline`, at most `most` octets; empty: nothing.
  [[nodiscard]] std::string receive(std::size_t most, Clock::time_point deadline) const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting{.fd = descriptor_, .events = POLLIN, .revents = 0};
    if (descriptor_ < 0 || left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) != 1) return {};
    std::string out(most, '\0');
    const auto got = ::recv(descriptor_, out.data(), out.size(), 0);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return out;
  }
  [[nodiscard]] std::string receive_all(std::size_t octets, Clock::time_point deadline) const {
    std::string out;
    while (out.size() < octets) {
      const auto more = receive(octets - out.size(), deadline);
      if (more.empty()) return {};
      out += more;
    }
    return out;
  }

 private:
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }

  int descriptor_ = -1;
};

/// nullopt: the name cannot stand in DNS.
std::optional<std::string> make_query(const std::string& name, RecordType type) {
  const auto asked = io::dns::escaped_query_name(name);
  if (!asked) return std::nullopt;
  struct __res_state state{};
  std::array<unsigned char, NS_PACKETSZ> query{};
  if (res_ninit(&state) != 0) return std::nullopt;
  const int size = res_nmkquery(&state, ns_o_query, asked->c_str(), ns_c_in, number_of(type), nullptr, 0, nullptr,
                                query.data(), static_cast<int>(query.size()));
  res_nclose(&state);
  if (size < 0) return std::nullopt;
  std::string out(reinterpret_cast<const char*>(query.data()), static_cast<std::size_t>(size));
  out.replace(0, 2, base::crypto::random_octets(2));
  return out;
}

std::optional<std::string> name_at(const ns_msg& message, const unsigned char* at) {
  std::array<unsigned char, NS_MAXCDNAME> labels{};
  if (ns_name_unpack(ns_msg_base(message), ns_msg_end(message), at, labels.data(), labels.size()) < 0)
    return std::nullopt;
  std::size_t root = 0;
  while (labels.at(root) != 0) root += labels.at(root) + 1U;
  return io::dns::parse_target(std::string_view(reinterpret_cast<const char*>(labels.data()), root + 1));
}

void add_address(Reply& reply, const ns_rr& record, base::codec::IpAddress::Family family, std::size_t octets) {
  if (ns_rr_rdlen(record) != octets) return;
  base::codec::IpAddress address;
  address.family = family;
  std::copy_n(ns_rr_rdata(record), octets, address.octets.begin());
  reply.addresses.push_back(address);
}

/// The strings of one record, joined (RFC 7208 s3.3).
void add_text(Reply& reply, const ns_rr& record) {
  std::string_view rest(reinterpret_cast<const char*>(ns_rr_rdata(record)), ns_rr_rdlen(record));
  std::string text;
  while (!rest.empty()) {
    const auto size = static_cast<unsigned char>(rest.front());
    text += rest.substr(1, size);
    rest.remove_prefix(std::min<std::size_t>(rest.size(), size + 1U));
  }
  reply.texts.push_back(std::move(text));
}

void add_record(Reply& reply, const ns_msg& message, const ns_rr& record) {
  using Family = base::codec::IpAddress::Family;
  const auto* const data = ns_rr_rdata(record);
  switch (static_cast<int>(ns_rr_type(record))) {
    case ns_t_a:
      return add_address(reply, record, Family::kV4, 4);
    case ns_t_aaaa:
      return add_address(reply, record, Family::kV6, 16);
    case ns_t_txt:
      return add_text(reply, record);
    case ns_t_ptr:
      if (auto name = name_at(message, data)) reply.names.push_back(*std::move(name));
      return;
    case ns_t_mx:
      if (ns_rr_rdlen(record) < 3) return;
      if (auto name = name_at(message, data + 2))
        reply.exchanges.push_back({.preference = static_cast<std::uint16_t>(ns_get16(data)), .host = *std::move(name)});
      return;
    default:
      return;
  }
}

/// What an answer says, and the name at the end of its aliases when it stops there.
struct Read {
  Reply reply;
  std::string alias;
};

Read read_answer(const std::string& answer, RecordType type) {
  Read out;
  out.reply.status = ReplyStatus::kFailed;
  ns_msg message{};
  if (ns_initparse(reinterpret_cast<const unsigned char*>(answer.data()), static_cast<int>(answer.size()), &message) !=
      0)
    return out;
  const int code = ns_msg_getflag(message, ns_f_rcode);
  if (code == ns_r_nxdomain) out.reply.status = ReplyStatus::kNoSuchName;
  if (code != ns_r_noerror && code != ns_r_nxdomain) return out;
  bool found = false;
  for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
    ns_rr record{};
    if (ns_parserr(&message, ns_s_an, i, &record) != 0) break;
    if (static_cast<int>(ns_rr_type(record)) == ns_t_cname)
      out.alias = name_at(message, ns_rr_rdata(record)).value_or("");
    if (static_cast<int>(ns_rr_type(record)) != number_of(type)) continue;
    found = true;
    add_record(out.reply, message, record);
  }
  if (code == ns_r_noerror) out.reply.status = found ? ReplyStatus::kFound : ReplyStatus::kNoRecord;
  if (found || code == ns_r_nxdomain) out.alias.clear();
  return out;
}

bool is_answer_to(const std::string& answer, const std::string& query) {
  return answer.size() >= NS_HFIXEDSZ && answer.compare(0, 2, query, 0, 2) == 0;
}

bool is_truncated(const std::string& answer) { return (static_cast<unsigned char>(answer[2]) & 0x02) != 0; }

}  // namespace

const Reply& OneServer::ask(const Question& question) {
  auto known = known_.find(question);
  if (known == known_.end()) known = known_.emplace(question, ask_anew(question)).first;
  return known->second;
}

Reply OneServer::ask_anew(const Question& question) const {
  std::string name = question.name;
  for (int i = 0; i < kMostAliases; ++i) {
    const auto query = make_query(name, question.type);
    if (!query) return {};
    const auto answer = exchange(*query);
    if (!answer) break;
    auto read = read_answer(*answer, question.type);
    if (read.alias.empty()) return std::move(read.reply);
    name = std::move(read.alias);
  }
  Reply failed;
  failed.status = ReplyStatus::kFailed;
  return failed;
}

std::optional<std::string> OneServer::exchange(const std::string& query) const {
  for (int i = 0; i < kTries; ++i) {
    const auto answer = exchange_by_udp(query);
    if (!answer) continue;
    return is_truncated(*answer) ? exchange_by_tcp(query) : answer;
  }
  return std::nullopt;
}

std::optional<std::string> OneServer::exchange_by_udp(const std::string& query) const {
  const auto deadline = Clock::now() + patience_ / kTries;
  const Socket socket(server_, SOCK_DGRAM);
  if (!socket.send(query)) return std::nullopt;
  while (true) {
    auto answer = socket.receive(kMostAnswerOctets, deadline);
    if (answer.empty()) return std::nullopt;
    if (is_answer_to(answer, query)) return answer;
  }
}

/// RFC 1035 s4.2.2: each message behind its length.
std::optional<std::string> OneServer::exchange_by_tcp(const std::string& query) const {
  const auto deadline = Clock::now() + patience_;
  const Socket socket(server_, SOCK_STREAM);
  const std::string length{static_cast<char>(query.size() >> 8), static_cast<char>(query.size() & 0xFF)};
  if (!socket.send(length + query)) return std::nullopt;
  const auto size = socket.receive_all(2, deadline);
  if (size.empty()) return std::nullopt;
  const auto octets = (static_cast<std::size_t>(static_cast<unsigned char>(size[0])) << 8) |
                      static_cast<std::size_t>(static_cast<unsigned char>(size[1]));
  auto answer = socket.receive_all(octets, deadline);
  if (!is_answer_to(answer, query)) return std::nullopt;
  return answer;
}

}  // namespace veredus::work::mailauth
