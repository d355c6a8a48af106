#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/codec/ascii.h"
#include "base/types/bytes.h"
#include "io/dns/records.h"
#include "io/net/endpoint.h"
#include "io/net/unique_fd.h"

namespace veredus::test {

/// A DNS server on loopback, over UDP, that answers what it was told, octet by octet: also what no real server would.
/// For tests of the resolver itself; others use ScriptedResolver. Names it was not told of do not exist.
class DnsResponder {
 public:
  struct Response {
    unsigned rcode = 0;
    std::vector<std::string> rdata = {};  // one record each
    bool silent = false;                  // no response at all
    std::string alias = {};               // the records are those of this name: a CNAME comes first
  };

  DnsResponder() : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof(address);
    VEREDUS_CHECK(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), length) == 0);
    VEREDUS_CHECK(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~DnsResponder() {
    stopping_ = true;
    ::shutdown(socket_.get(), SHUT_RDWR);
    thread_.join();
  }
  DnsResponder(const DnsResponder&) = delete;
  DnsResponder& operator=(const DnsResponder&) = delete;

  [[nodiscard]] io::net::Endpoint endpoint() const {
    return io::net::Endpoint::ip(io::net::IpAddress::v4({127, 0, 0, 1}), port_);
  }
  /// "mx.example.org", lower case.
  DnsResponder& tell(const std::string& name, io::dns::RecordType type, Response response) {
    const std::lock_guard lock(mutex_);
    responses_[{name, static_cast<std::uint16_t>(type)}] = std::move(response);
    return *this;
  }
  [[nodiscard]] std::size_t asked() const { return asked_; }

  /// A name as it stands in packets.
  static std::string wire_name(std::string_view name) {
    std::string out;
    while (!name.empty() && name != ".") {
      const auto dot = name.find('.');
      const auto label = name.substr(0, dot);
      out.push_back(static_cast<char>(label.size()));
      out.append(label);
      name.remove_prefix(dot == std::string_view::npos ? name.size() : dot + 1);
    }
    out.push_back('\0');
    return out;
  }
  static std::string mx_rdata(std::uint16_t preference, std::string_view exchange) {
    std::string out;
    put_be(out, preference);
    return out + wire_name(exchange);
  }

 private:
  static constexpr std::uint16_t kClassIn = 1;
  static constexpr std::uint32_t kTtl = 120;
  static constexpr unsigned kNameError = 3;
  static constexpr std::uint16_t kFlags = 0x8580;  // response, authoritative, recursion desired and available

  static void put_record(std::string& out, std::string_view owner, std::uint16_t type, std::string_view rdata) {
    out += owner;
    put_be(out, type);
    put_be(out, kClassIn);
    put_be(out, kTtl);
    put_be(out, static_cast<std::uint16_t>(rdata.size()));
    out += rdata;
  }

  static std::string soa_rdata() {
    std::string out = wire_name("ns.test") + wire_name("hostmaster.test");
    for (const std::uint32_t number : {1U, 3600U, 600U, 86'400U, 60U}) put_be(out, number);
    return out;
  }

  void serve() {
    std::array<char, 4096> packet{};
    while (!stopping_) {
      sockaddr_in from{};
      socklen_t length = sizeof(from);
      const auto octets =
          ::recvfrom(socket_.get(), packet.data(), packet.size(), 0, reinterpret_cast<sockaddr*>(&from), &length);
      if (octets <= 12 || stopping_) continue;
      const auto answer = respond(std::string_view(packet.data(), static_cast<std::size_t>(octets)));
      if (!answer.empty())
        ::sendto(socket_.get(), answer.data(), answer.size(), 0, reinterpret_cast<const sockaddr*>(&from), length);
    }
  }

  std::string respond(std::string_view packet) {
    std::size_t at = 12;
    std::string name;
    while (at < packet.size() && packet[at] != 0) {
      const auto label = static_cast<std::uint8_t>(packet[at]);
      if (!name.empty()) name.push_back('.');
      name += base::codec::to_lower_ascii(packet.substr(at + 1, label));
      at += label + 1U;
    }
    if (at + 5 > packet.size()) return {};
    const auto question = packet.substr(12, at + 5 - 12);
    const auto type = ByteReader(packet.substr(at + 1)).take_be<std::uint16_t>().value();
    ++asked_;

    const std::lock_guard lock(mutex_);
    const auto found = responses_.find({name, type});
    if (found != responses_.end()) return build(packet.substr(0, 2), question, type, found->second);
    return build(packet.substr(0, 2), question, type, knows(name) ? Response{} : Response{.rcode = kNameError});
  }

  [[nodiscard]] bool knows(const std::string& name) const {
    for (const auto& [key, response] : responses_)
      if (key.first == name || key.first.ends_with('.' + name)) return true;
    return false;
  }

  static std::string build(std::string_view id, std::string_view question, std::uint16_t type,
                           const Response& response) {
    if (response.silent) return {};
    std::string records;
    std::string owner = "\xC0\x0C";  // where the question's name stands
    std::uint16_t answers = 0;
    if (!response.alias.empty()) {
      put_record(records, owner, static_cast<std::uint16_t>(io::dns::RecordType::kCname), wire_name(response.alias));
      owner = wire_name(response.alias);
      ++answers;
    }
    for (const auto& rdata : response.rdata) put_record(records, owner, type, rdata), ++answers;
    const bool negative = response.rdata.empty();
    if (negative) put_record(records, wire_name("."), 6, soa_rdata());

    std::string out(id);
    put_be(out, static_cast<std::uint16_t>(kFlags | response.rcode));
    put_be(out, std::uint16_t{1});
    put_be(out, answers);
    put_be(out, static_cast<std::uint16_t>(negative ? 1 : 0));
    put_be(out, std::uint16_t{0});
    out += question;
    return out + records;
  }

  io::net::UniqueFd socket_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::map<std::pair<std::string, std::uint16_t>, Response> responses_;
  std::atomic<std::size_t> asked_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace veredus::test
