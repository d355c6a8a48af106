#include "wire/sasl/scram_message.h"

#include <charconv>
#include <optional>

#include "base/codec/ascii.h"
#include "base/codec/base64.h"
#include "base/codec/utf8.h"
#include "base/types/result.h"

namespace veredus::wire::sasl {
namespace {

constexpr auto kMalformed = std::unexpected(SaslError::kMalformed);

// Takes what stands before the next ',' and the ',' itself.
std::string_view take_part(std::string_view& text) {
  const auto comma = text.find(',');
  const auto part = text.substr(0, comma);
  text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  return part;
}

// Takes "<name>=<value>" and answers the value.
std::optional<std::string_view> take_attribute(std::string_view& text, char name) {
  if (text.size() < 2 || text[0] != name || text[1] != '=') return std::nullopt;
  return take_part(text).substr(2);
}

// printable = %x21-2B / %x2D-7E, RFC 5802 s7
bool is_nonce(std::string_view text) {
  for (const char c : text)
    if (c < 0x21 || c > 0x7E || c == ',') return false;
  return !text.empty();
}

// Only optional extensions may follow: attr-val = ALPHA "=" value. "m" is none of them, RFC 5802 s5.1.
std::expected<void, SaslError> check_extensions(std::string_view text) {
  while (!text.empty()) {
    const auto part = take_part(text);
    if (part.size() < 3 || !base::codec::is_alpha(part[0]) || part[1] != '=') return kMalformed;
    if (part[0] == 'm') return std::unexpected(SaslError::kUnsupportedExtension);
  }
  return {};
}

// saslname = 1*(value-safe-char / "=2C" / "=3D")
std::optional<std::string> unescape_name(std::string_view text) {
  std::string out;
  if (text.empty() || text.contains('\0') || !base::codec::is_valid_utf8(text)) return std::nullopt;
  while (!text.empty()) {
    if (text.front() != '=') {
      out.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    if (text.starts_with("=2C"))
      out.push_back(',');
    else if (text.starts_with("=3D"))
      out.push_back('=');
    else
      return std::nullopt;
    text.remove_prefix(3);
  }
  return out;
}

// gs2-header = gs2-cbind-flag "," [ authzid ] ","
std::expected<void, SaslError> take_header(std::string_view& text, ClientFirst& out) {
  const std::string_view all = text;
  const auto flag = take_part(text);
  if (flag.starts_with("p=")) {
    out.flag = BindingFlag::kUsed;
    out.binding_type = flag.substr(2);
    if (out.binding_type.empty()) return kMalformed;
  } else if (flag == "n" || flag == "y") {
    out.flag = flag == "n" ? BindingFlag::kUnsupported : BindingFlag::kNotOffered;
  } else {
    return kMalformed;
  }
  if (!text.contains(',')) return kMalformed;
  const auto authzid = take_part(text);
  if (!authzid.empty()) {
    auto name = authzid.starts_with("a=") ? unescape_name(authzid.substr(2)) : std::nullopt;
    if (!name) return kMalformed;
    out.authzid = *std::move(name);
  }
  out.gs2_header = all.substr(0, all.size() - text.size());
  return {};
}

}  // namespace

std::expected<ClientFirst, SaslError> parse_client_first(std::string_view message) {
  ClientFirst out;
  VEREDUS_TRY(take_header(message, out));
  out.bare = message;
  if (message.starts_with("m=")) return std::unexpected(SaslError::kUnsupportedExtension);
  const auto user = take_attribute(message, 'n');
  auto name = user ? unescape_name(*user) : std::nullopt;
  const auto nonce = take_attribute(message, 'r');
  if (!name || !nonce || !is_nonce(*nonce)) return kMalformed;
  VEREDUS_TRY(check_extensions(message));
  out.user = *std::move(name);
  out.nonce = *nonce;
  return out;
}

std::expected<ServerFirst, SaslError> parse_server_first(std::string_view message) {
  if (message.starts_with("m=")) return std::unexpected(SaslError::kUnsupportedExtension);
  const auto nonce = take_attribute(message, 'r');
  const auto salt = take_attribute(message, 's');
  const auto count = take_attribute(message, 'i');
  if (!nonce || !salt || !count || !is_nonce(*nonce)) return kMalformed;
  VEREDUS_TRY(check_extensions(message));
  ServerFirst out{.nonce = std::string(*nonce), .salt = {}, .iterations = 0};
  auto octets = base::codec::base64_decode(*salt);
  const auto [end, status] = std::from_chars(count->data(), count->data() + count->size(), out.iterations);
  if (!octets || octets->empty() || status != std::errc() || end != count->data() + count->size()) return kMalformed;
  out.salt = *std::move(octets);
  return out;
}

std::string to_message(const ServerFirst& first) {
  return "r=" + first.nonce + ",s=" + base::codec::base64_encode(first.salt) + ",i=" + std::to_string(first.iterations);
}

std::expected<ClientFinal, SaslError> parse_client_final(std::string_view message) {
  const auto proof_at = message.rfind(",p=");
  if (proof_at == std::string_view::npos) return kMalformed;
  ClientFinal out;
  out.without_proof = message.substr(0, proof_at);
  auto proof = base::codec::base64_decode(message.substr(proof_at + 3));
  std::string_view rest = out.without_proof;
  const auto binding = take_attribute(rest, 'c');
  const auto nonce = take_attribute(rest, 'r');
  if (!proof || !binding || !nonce || !is_nonce(*nonce)) return kMalformed;
  VEREDUS_TRY(check_extensions(rest));
  auto binding_input = base::codec::base64_decode(*binding);
  if (!binding_input) return kMalformed;
  out.binding_input = *std::move(binding_input);
  out.nonce = *nonce;
  out.proof = *std::move(proof);
  return out;
}

std::expected<std::string, SaslError> parse_server_final(std::string_view message) {
  if (message.starts_with("e=")) return std::unexpected(SaslError::kServerNotVerified);
  const auto verifier = take_attribute(message, 'v');
  auto signature = verifier ? base::codec::base64_decode(*verifier) : std::nullopt;
  if (!signature) return kMalformed;
  VEREDUS_TRY(check_extensions(message));
  return *std::move(signature);
}

std::string escape_name(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == ',')
      out.append("=2C");
    else if (c == '=')
      out.append("=3D");
    else
      out.push_back(c);
  }
  return out;
}

std::string auth_message(std::string_view client_first_bare, std::string_view server_first,
                         std::string_view client_final_without_proof) {
  std::string out(client_first_bare);
  out.append(",").append(server_first).append(",").append(client_final_without_proof);
  return out;
}

std::string exclusive_or(std::string_view a, std::string_view b) {
  VEREDUS_CHECK(a.size() == b.size());
  std::string out(a);
  for (std::size_t i = 0; i < b.size(); ++i) out[i] = static_cast<char>(out[i] ^ b[i]);
  return out;
}

}  // namespace veredus::wire::sasl
