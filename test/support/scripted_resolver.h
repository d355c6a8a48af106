#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "io/dns/name.h"
#include "io/dns/resolver.h"

namespace veredus::test {

/// A resolver that answers from what the test has told it; nothing is waited for. A name that was told of has "none" of
/// the types that were not; any other name does not exist. Names are given as they are asked for, in any case and form.
class ScriptedResolver final : public io::dns::Resolver {
 public:
  template <class Record>
  using Answer = io::dns::Answer<Record>;

  ScriptedResolver& mx(const std::string& name, std::vector<io::dns::MxRecord> records) {
    return tell(mx_, name, std::move(records));
  }
  ScriptedResolver& a(const std::string& name, const std::vector<std::string>& addresses) {
    return tell(a_, name, parsed(addresses));
  }
  ScriptedResolver& aaaa(const std::string& name, const std::vector<std::string>& addresses) {
    return tell(aaaa_, name, parsed(addresses));
  }
  ScriptedResolver& txt(const std::string& name, std::vector<std::string> records) {
    return tell(txt_, name, std::move(records));
  }
  ScriptedResolver& tlsa(const std::string& name, std::vector<io::dns::TlsaRecord> records) {
    return tell(tlsa_, name, std::move(records));
  }
  ScriptedResolver& srv(const std::string& name, std::vector<io::dns::SrvRecord> records) {
    return tell(srv_, name, std::move(records));
  }
  ScriptedResolver& ptr(const std::string& address, std::vector<std::string> names) {
    return tell(ptr_, reverse(address), std::move(names));
  }
  ScriptedResolver& ns(const std::string& name, std::vector<std::string> names) {
    return tell(ns_, name, std::move(names));
  }
  /// `name` is an alias: answers of all types but CNAME are those of `target`, told of apart.
  ScriptedResolver& alias(const std::string& name, const std::string& target) {
    aliases_[key(name)] = key(target);
    return *this;
  }
  /// Every question about `name` fails.
  ScriptedResolver& fail(const std::string& name, io::dns::DnsError error) {
    failures_[key(name)] = error;
    return *this;
  }
  /// What all answers say from now on.
  ScriptedResolver& authentic(bool value) {
    authentic_ = value;
    return *this;
  }
  /// But for those of one name.
  ScriptedResolver& insecure(const std::string& name) {
    insecure_.insert(key(name));
    return *this;
  }
  ScriptedResolver& ttl(std::chrono::seconds value) {
    ttl_ = value;
    return *this;
  }

  /// How often any question was asked, and about one name.
  [[nodiscard]] std::size_t asked() const { return asked_; }
  [[nodiscard]] std::size_t asked(const std::string& name) const {
    const auto found = asked_about_.find(key(name));
    return found == asked_about_.end() ? 0 : found->second;
  }

  Result<io::dns::MxRecord> mx(std::string name) override { co_return look(mx_, name); }
  Result<io::net::IpAddress> a(std::string name) override { co_return look(a_, name); }
  Result<io::net::IpAddress> aaaa(std::string name) override { co_return look(aaaa_, name); }
  Result<std::string> txt(std::string name) override { co_return look(txt_, name); }
  Result<io::dns::TlsaRecord> tlsa(std::string name) override { co_return look(tlsa_, name); }
  Result<io::dns::SrvRecord> srv(std::string name) override { co_return look(srv_, name); }
  Result<std::string> ptr(io::net::IpAddress address) override { co_return look(ptr_, io::dns::reverse_name(address)); }
  Result<std::string> ns(std::string name) override { co_return look(ns_, name); }
  Result<std::string> cname(std::string name) override {
    const auto found = aliases_.find(key(name));
    if (found == aliases_.end()) co_return look(cname_, name);
    count(key(name));
    co_return Answer<std::string>{{found->second}, ttl_, is_authentic(key(name)), key(name)};
  }

 private:
  template <class Record>
  using Table = std::map<std::string, std::vector<Record>>;

  static std::string key(const std::string& name) { return io::dns::query_name(name).value_or(name); }
  static std::string reverse(const std::string& address) {
    return io::dns::reverse_name(io::net::IpAddress::parse(address).value());
  }
  static std::vector<io::net::IpAddress> parsed(const std::vector<std::string>& texts) {
    std::vector<io::net::IpAddress> addresses;
    for (const auto& text : texts) addresses.push_back(io::net::IpAddress::parse(text).value());
    return addresses;
  }
  template <class Record>
  ScriptedResolver& tell(Table<Record>& table, const std::string& name, std::vector<Record> records) {
    table[key(name)] = std::move(records);
    ++known_[key(name)];
    return *this;
  }
  [[nodiscard]] bool is_authentic(const std::string& name) const { return authentic_ && !insecure_.contains(name); }
  void count(const std::string& name) {
    ++asked_;
    ++asked_about_[name];
  }

  template <class Record>
  std::expected<Answer<Record>, io::dns::DnsError> look(const Table<Record>& table, const std::string& name) {
    auto at = io::dns::query_name(name);
    if (!at) return std::unexpected(io::dns::DnsError::kMalformedName);
    count(*at);
    for (std::size_t i = 0; i < 8; ++i) {  // as many aliases as anybody would follow
      if (const auto failed = failures_.find(*at); failed != failures_.end()) return std::unexpected(failed->second);
      const auto next = aliases_.find(*at);
      if (next == aliases_.end()) break;
      at = next->second;
    }
    if (const auto found = table.find(*at); found != table.end())
      return Answer<Record>{found->second, ttl_, is_authentic(*at), *at};
    if (!known_.contains(*at)) return std::unexpected(io::dns::DnsError::kNoSuchName);
    return Answer<Record>{{}, ttl_, is_authentic(*at), *at};
  }

  Table<io::dns::MxRecord> mx_;
  Table<io::net::IpAddress> a_;
  Table<io::net::IpAddress> aaaa_;
  Table<std::string> txt_;
  Table<io::dns::TlsaRecord> tlsa_;
  Table<io::dns::SrvRecord> srv_;
  Table<std::string> ptr_;
  Table<std::string> ns_;
  Table<std::string> cname_;
  std::map<std::string, std::string> aliases_;
  std::map<std::string, io::dns::DnsError> failures_;
  std::map<std::string, std::size_t> known_;
  std::map<std::string, std::size_t> asked_about_;
  std::set<std::string> insecure_;
  std::size_t asked_ = 0;
  bool authentic_ = false;
  std::chrono::seconds ttl_{300};
};

}  // namespace veredus::test
