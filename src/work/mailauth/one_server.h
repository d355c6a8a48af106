#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "io/net/endpoint.h"
#include "rules/inquiry/question.h"

namespace veredus::work::mailauth {

/// Asks one DNS server and no other, without validation: for people who debug their mail, and for tests. Blocks; for
/// commands, never for the server. Remembers what it was told. UDP, and TCP when an answer is too long for it.
class OneServer {
 public:
  OneServer(io::net::Endpoint server, std::chrono::milliseconds patience)
      : server_(std::move(server)), patience_(patience) {}

  const rules::inquiry::Reply& ask(const rules::inquiry::Question& question);

 private:
  rules::inquiry::Reply ask_anew(const rules::inquiry::Question& question) const;
  [[nodiscard]] std::optional<std::string> exchange(const std::string& query) const;
  [[nodiscard]] std::optional<std::string> exchange_by_udp(const std::string& query) const;
  [[nodiscard]] std::optional<std::string> exchange_by_tcp(const std::string& query) const;

  io::net::Endpoint server_;
  std::chrono::milliseconds patience_;
  std::map<rules::inquiry::Question, rules::inquiry::Reply> known_;
};

}  // namespace veredus::work::mailauth
