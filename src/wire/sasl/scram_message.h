#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "wire/sasl/error.h"

namespace veredus::wire::sasl {

/// The four messages of SCRAM as values, for both sides. All parsers answer kMalformed for what the grammar of RFC 5802
/// s7 refuses, and kUnsupportedExtension for "m=".

enum class BindingFlag : char {
  kUnsupported = 'n',  // the client cannot bind
  kNotOffered = 'y',   // the client could, but thinks that the server cannot
  kUsed = 'p',
};

struct ClientFirst {
  std::string gs2_header;  // "n,," or "p=tls-exporter,a=name,": what the client binds besides the connection
  BindingFlag flag = BindingFlag::kUnsupported;
  std::string binding_type;  // with kUsed
  std::string authzid;       // unescaped; empty: none
  std::string user;          // unescaped
  std::string nonce;
  std::string bare;  // the message without the header, as sent
};
std::expected<ClientFirst, SaslError> parse_client_first(std::string_view message);

struct ServerFirst {
  std::string nonce;  // the client's, then the server's
  std::string salt;   // octets
  int iterations = 0;
};
std::expected<ServerFirst, SaslError> parse_server_first(std::string_view message);
std::string to_message(const ServerFirst& first);

struct ClientFinal {
  std::string binding_input;  // octets: the GS2 header, then the channel binding
  std::string nonce;
  std::string proof;          // octets
  std::string without_proof;  // the message up to ",p="
};
std::expected<ClientFinal, SaslError> parse_client_final(std::string_view message);

/// The server's signature, octets. Errors: also kServerNotVerified, for "e=…".
std::expected<std::string, SaslError> parse_server_final(std::string_view message);

/// A name as it stands in a message: ',' is "=2C" and '=' is "=3D". Source: RFC 5802 s5.1.
std::string escape_name(std::string_view name);

/// What both sides sign. Source: RFC 5802 s3.
std::string auth_message(std::string_view client_first_bare, std::string_view server_first,
                         std::string_view client_final_without_proof);

/// Octet by octet; both of one length.
std::string exclusive_or(std::string_view a, std::string_view b);

}  // namespace veredus::wire::sasl
