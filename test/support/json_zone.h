#pragma once

#include <boost/json.hpp>
#include <map>
#include <string>
#include <utility>

#include "base/codec/dns_name.h"
#include "base/codec/ip_address.h"
#include "rules/inquiry/inquiry.h"

namespace veredus::test {

/// DNS out of JSON, as the conformance suites write it: {"name": {"TXT": [["string", …], …], "A": ["192.0.2.1"], "MX":
/// [[10, "host"]], "PTR": […], "CNAME": ["name"], "_timeout": true}}. A name with "_timeout" or "error" does not
/// answer for the types it does not list.
class JsonZone {
 public:
  explicit JsonZone(const boost::json::object& zone) {
    for (const auto& [name, records] : zone) names_[plain(name)] = records.as_object();
  }

  rules::inquiry::Reply answer(const rules::inquiry::Question& question) const {
    return answer(question.name, question.type, 0);
  }

  /// Answers everything an inquiry asks.
  template <class T>
  T run(rules::inquiry::Inquiry<T> inquiry) const {
    while (const auto* question = inquiry.question()) inquiry.answer(answer(*question));
    return inquiry.take();
  }

 private:
  using Reply = rules::inquiry::Reply;
  using ReplyStatus = rules::inquiry::ReplyStatus;
  using RecordType = rules::inquiry::RecordType;

  /// As questions write it; the suites write the octets themselves.
  static std::string plain(std::string_view name) {
    if (name.ends_with('.')) name.remove_suffix(1);
    return base::codec::presented_name(name);
  }
  /// The suites write octets as the code points of Latin-1.
  static std::string octets(std::string_view utf8) {
    std::string out;
    for (std::size_t i = 0; i < utf8.size(); ++i) {
      const auto c = static_cast<unsigned char>(utf8[i]);
      if (c >= 0xC0 && c < 0xE0 && i + 1 < utf8.size())
        out += static_cast<char>(((c & 0x1F) << 6) | (static_cast<unsigned char>(utf8[++i]) & 0x3F));
      else
        out += static_cast<char>(c);
    }
    return out;
  }
  static const char* key(RecordType type) {
    switch (type) {
      case RecordType::kA:
        return "A";
      case RecordType::kAaaa:
        return "AAAA";
      case RecordType::kMx:
        return "MX";
      case RecordType::kPtr:
        return "PTR";
      case RecordType::kTxt:
        return "TXT";
    }
    return "";
  }
  static void add(Reply& reply, RecordType type, const boost::json::value& record) {
    if (type == RecordType::kTxt) {
      std::string text;
      for (const auto& part : record.as_array()) text += octets(part.as_string());
      reply.texts.push_back(std::move(text));
    } else if (type == RecordType::kMx) {
      const auto& pair = record.as_array();
      reply.exchanges.push_back(
          {.preference = static_cast<std::uint16_t>(pair.at(0).as_int64()), .host = plain(pair.at(1).as_string())});
    } else if (type == RecordType::kPtr) {
      reply.names.push_back(plain(record.as_string()));
    } else if (const auto address = base::codec::parse_ip(record.as_string())) {
      reply.addresses.push_back(*address);
    }
  }

  Reply answer(const std::string& name, RecordType type, int depth) const {
    Reply reply;
    const auto found = names_.find(name);
    if (found == names_.end()) return reply;
    const auto& records = found->second;
    if (const auto* alias = records.if_contains("CNAME")) {
      if (depth > 8) reply.status = ReplyStatus::kFailed;
      return depth > 8 ? reply : answer(plain(alias->as_array().at(0).as_string()), type, depth + 1);
    }
    const auto* const wanted = records.if_contains(key(type));
    if (wanted == nullptr) {
      const bool fails = records.contains("_timeout") || records.contains("error");
      reply.status = fails ? ReplyStatus::kFailed : ReplyStatus::kNoRecord;
      return reply;
    }
    for (const auto& record : wanted->as_array()) add(reply, type, record);
    reply.status = ReplyStatus::kFound;
    return reply;
  }

  std::map<std::string, boost::json::object> names_;
};

}  // namespace veredus::test
