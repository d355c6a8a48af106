#include "app/cli/authentication_input.h"

#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/codec/base64.h"
#include "base/types/read_file.h"
#include "base/types/result.h"

namespace veredus::app::cli {

namespace json = boost::json;

namespace {

using Read = std::expected<void, std::string>;

Read take(const json::object& line, std::string_view name, std::string& out) {
  const auto* const value = line.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) return std::unexpected(fmt::format("\"{}\" is no text", name));
  out = value->as_string();
  return {};
}

Read take(const json::object& line, std::string_view name, std::vector<std::string>& out) {
  const auto* const value = line.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_array()) return std::unexpected(fmt::format("\"{}\" is no list", name));
  for (const auto& entry : value->as_array()) {
    if (!entry.is_string()) return std::unexpected(fmt::format("\"{}\" holds what is no text", name));
    out.emplace_back(entry.as_string());
  }
  return {};
}

Read take_message(const json::object& line, AuthenticationInput& out) {
  std::string encoded;
  std::string file;
  VEREDUS_TRY(take(line, "message", out.message));
  VEREDUS_TRY(take(line, "message_base64", encoded));
  VEREDUS_TRY(take(line, "file", file));
  if (!encoded.empty()) {
    auto octets = base::codec::base64_decode(encoded);
    if (!octets) return std::unexpected("\"message_base64\" is no base64");
    out.message = *std::move(octets);
  } else if (!file.empty()) {
    auto octets = read_file(file);
    if (!octets) return std::unexpected(fmt::format("{} cannot be read", file));
    out.message = *std::move(octets);
  }
  out.message = with_crlf(std::move(out.message));
  return {};
}

Read take_key(const json::object& line, AuthenticationInput& out) {
  std::string file;
  VEREDUS_TRY(take(line, "key", out.key));
  VEREDUS_TRY(take(line, "key_file", file));
  if (file.empty()) return {};
  auto octets = read_file(file);
  if (!octets) return std::unexpected(fmt::format("{} cannot be read", file));
  out.key = *std::move(octets);
  return {};
}

}  // namespace

std::string with_crlf(std::string message) {
  if (message.contains("\r\n")) return message;
  std::string out;
  out.reserve(message.size() + message.size() / 32);
  for (const char c : message) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::expected<AuthenticationInput, std::string> read_input_line(const json::object& line) {
  AuthenticationInput out;
  for (const auto& [name, into] :
       std::initializer_list<std::pair<std::string_view, std::string*>>{{"ip", &out.ip},
                                                                        {"helo", &out.helo},
                                                                        {"from", &out.from},
                                                                        {"author", &out.author},
                                                                        {"domain", &out.domain},
                                                                        {"selector", &out.selector},
                                                                        {"identity", &out.identity},
                                                                        {"server", &out.server},
                                                                        {"results", &out.results},
                                                                        {"canonical", &out.canonical}})
    VEREDUS_TRY(take(line, name, *into));
  VEREDUS_TRY(take(line, "dkim_domains", out.dkim_domains));
  VEREDUS_TRY(take(line, "spf_domains", out.spf_domains));
  VEREDUS_TRY(take(line, "fields", out.fields));
  out.domains_given = line.contains("dkim_domains") || line.contains("spf_domains");
  VEREDUS_TRY(take_message(line, out));
  VEREDUS_TRY(take_key(line, out));
  if (const auto* const now = line.if_contains("now"); now != nullptr && !now->is_null()) {
    if (!now->is_int64()) return std::unexpected("\"now\" is no number of seconds");
    out.now = SystemTime(std::chrono::seconds(now->as_int64()));
  }
  return out;
}

}  // namespace veredus::app::cli
