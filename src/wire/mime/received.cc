#include "wire/mime/received.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/codec/ascii.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/field_lexer.h"

namespace veredus::wire::mime {
namespace {

using base::codec::iequals_ascii;
using base::codec::istarts_with_ascii;
using base::codec::trim_ascii;

/// A word of the field, or of a comment in it.
struct Token {
  std::string_view text;
  std::uint32_t depth = 0;    // of parentheses around it
  std::uint32_t comment = 0;  // number of the outermost comment it stands in; 0: none
  bool first_in_comment = false;
};

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> tokens;
  std::uint32_t depth = 0;
  std::uint32_t comment = 0;
  bool first = false;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '(') {
      if (depth++ == 0) ++comment;
      first = true;
      ++at;
    } else if (c == ')') {
      if (depth > 0) --depth;
      ++at;
    } else if (is_blank(c) || c == ',') {
      ++at;
    } else {
      const auto end = std::min(text.find_first_of(" \t\r\n(),", at), text.size());
      tokens.push_back({text.substr(at, end - at), depth, depth == 0 ? 0 : comment, std::exchange(first, false)});
      at = end;
    }
  }
  return tokens;
}

std::string_view without_brackets(std::string_view word) {
  word = trim_ascii(word, "[]<>;");
  if (istarts_with_ascii(word, "IPv6:")) word.remove_prefix(5);
  return word;
}

bool is_ip(std::string_view word) {
  std::array<unsigned char, sizeof(in6_addr)> octets{};
  const std::string text(word);
  return word.size() < 46 && (inet_pton(AF_INET, text.c_str(), octets.data()) == 1 ||
                              inet_pton(AF_INET6, text.c_str(), octets.data()) == 1);
}

/// "192.0.2.1:25"
std::string_view without_port(std::string_view word) {
  const auto colon = word.find(':');
  return colon != std::string_view::npos && is_ip(word.substr(0, colon)) ? word.substr(0, colon) : word;
}

enum class Key : std::uint8_t { kNone, kFrom, kBy, kVia, kWith, kId, kFor };

Key key_of(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, Key>, 6> kKeys = {{{"from", Key::kFrom},
                                                                      {"by", Key::kBy},
                                                                      {"via", Key::kVia},
                                                                      {"with", Key::kWith},
                                                                      {"id", Key::kId},
                                                                      {"for", Key::kFor}}};
  for (const auto& [name, key] : kKeys)
    if (iequals_ascii(word, name)) return key;
  return Key::kNone;
}

/// RFC 3848's names and what servers write in their place; empty: none of them.
std::string protocol_of(std::string_view word) {
  constexpr std::array<std::string_view, 19> kNames = {
      "SMTP",      "ESMTP",     "ESMTPA",     "ESMTPS",   "ESMTPSA", "LMTP", "LMTPA", "LMTPS", "LMTPSA", "UTF8SMTP",
      "UTF8SMTPA", "UTF8SMTPS", "UTF8SMTPSA", "UTF8LMTP", "MMS",     "IMAP", "POP3",  "HTTP",  "LOCAL"};
  for (const auto name : kNames)
    if (iequals_ascii(word, name)) return std::string(name);
  constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kAlso = {{{"esmtp-tls", "ESMTPS"},
                                                                                   {"asmtps", "ESMTPS"},
                                                                                   {"asmtp", "ESMTPA"},
                                                                                   {"local-esmtps", "ESMTPS"},
                                                                                   {"local-esmtp", "ESMTP"},
                                                                                   {"local-bsmtp", "SMTP"},
                                                                                   {"local-smtp", "SMTP"}}};
  for (const auto& [written, meant] : kAlso)
    if (iequals_ascii(word, written)) return std::string(meant);
  if (istarts_with_ascii(word, "http")) return "HTTP";
  return istarts_with_ascii(word, "smtpsvc") ? "SMTP" : std::string();
}

/// "TLS1_2", "TLSv1.3", "TLSv1/SSLv3" as "TLSv1.2" and the like; empty: no version.
std::string tls_version_of(std::string_view word) {
  const bool is_ssl = istarts_with_ascii(word, "SSLv");
  if (!is_ssl && !istarts_with_ascii(word, "TLS")) return {};
  word.remove_prefix(is_ssl ? 4 : 3);
  if (!is_ssl && !word.empty() && std::string_view("vV-").contains(word.front())) word.remove_prefix(1);
  if (word.empty() || !base::codec::is_digit(word.front())) return {};
  if (is_ssl) return "SSLv" + std::string(1, word.front());
  const bool has_minor = word.size() >= 3 && (word[1] == '.' || word[1] == '_') && base::codec::is_digit(word[2]);
  const bool ends_here =
      word.size() <= (has_minor ? 3U : 1U) || std::string_view("/:").contains(word[has_minor ? 3 : 1]);
  if (!ends_here) return {};
  return std::string("TLSv") + word[0] + '.' + (has_minor ? word[2] : '0');
}

bool looks_like_host(std::string_view word) {
  return word.contains('.') && word.find_first_of("=@:/[]<>;") == std::string_view::npos && !is_ip(word) &&
         std::ranges::any_of(word, base::codec::is_alpha);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : tokens_(tokens_of(text)) {}

  Received read() {
    for (std::size_t i = 0; i < tokens_.size(); ++i) {
      const Token& token = tokens_[i];
      const bool top = token.depth == 0 || (token.comment == 1 && opens_with_from());
      if (top && key_of(token.text) != Key::kNone) {
        key_ = key_of(token.text);
        fresh_ = true;
      } else if (top) {
        take_word(token.text);
      } else {
        take_comment_word(i);
      }
    }
    return std::move(out_);
  }

 private:
  /// "(from user@host) by …": the whole from clause stands in a comment.
  [[nodiscard]] bool opens_with_from() const {
    return tokens_.front().comment == 1 && key_of(tokens_.front().text) == Key::kFrom;
  }

  static void set(std::string& field, std::string_view value) {
    if (field.empty()) field = value;
  }

  void take_word(std::string_view word) {
    const bool fresh = std::exchange(fresh_, false);
    const auto bare = without_brackets(word);
    if (key_ == Key::kWith && out_.protocol.empty()) out_.protocol = protocol_of(bare);
    if (key_ == Key::kFrom && !fresh && is_ip(bare)) set(out_.from_ip, bare);
    if (!fresh) return;
    switch (key_) {
      case Key::kFrom:
        set(out_.from, bare);
        break;
      case Key::kBy:
        set(out_.by, bare);
        break;
      case Key::kVia:
        set(out_.via, bare);
        break;
      case Key::kId:
        set(out_.id, bare);
        break;
      case Key::kFor:
        if (bare.contains('@')) set(out_.recipient, bare);
        break;
      case Key::kWith:
      case Key::kNone:
        break;
    }
  }

  void take_comment_word(std::size_t i) {
    const Token& token = tokens_[i];
    const std::string_view before = i > 0 && tokens_[i - 1].comment == token.comment ? tokens_[i - 1].text : "";
    const auto equals = token.text.find('=');
    const auto name = token.text.substr(0, std::min(equals, token.text.size()));
    const auto value = equals == std::string_view::npos ? std::string_view() : token.text.substr(equals + 1);
    take_tls(before, name, value, token.text);
    if (key_ != Key::kFrom) return;
    if (iequals_ascii(name, "helo") || iequals_ascii(name, "ehlo")) {
      if (!value.empty()) set(out_.helo, without_brackets(value));
    } else if (iequals_ascii(before, "helo") || iequals_ascii(before, "ehlo")) {
      set(out_.helo, without_brackets(token.text));
    } else if (iequals_ascii(name, "ident") && !value.empty()) {
      set(out_.ident, trim_ascii(value, "[]"));
    } else if (istarts_with_ascii(token.text, "ident:")) {
      set(out_.ident, token.text.substr(6));
    } else if (const auto bare = without_port(without_brackets(token.text)); is_ip(bare)) {
      set(out_.from_ip, bare);
    } else if (token.text.contains('[') && is_ip(without_brackets(token.text.substr(token.text.find('['))))) {
      take_host_with_ip(token);
    } else if (token.text.contains('@')) {
      set(out_.ident, token.text);
    } else if (token.first_in_comment && looks_like_host(token.text)) {
      set(out_.from_iprev, token.text);
    }
  }

  /// "host[192.0.2.1]", "user@host[192.0.2.1]"
  void take_host_with_ip(const Token& token) {
    const auto bracket = token.text.find('[');
    set(out_.from_ip, without_brackets(token.text.substr(bracket)));
    const auto host = trim_ascii(token.text.substr(0, bracket), "<>");
    if (looks_like_host(host)) set(out_.from_iprev, host);
    if (host.ends_with('@')) set(out_.ident, host.substr(0, host.size() - 1));
  }

  void take_tls(std::string_view before, std::string_view name, std::string_view value, std::string_view word) {
    if (iequals_ascii(name, "version") && !value.empty()) {
      set(out_.tls_version, tls_version_of(value));
    } else if (iequals_ascii(name, "cipher") && !value.empty()) {
      if (!iequals_ascii(value, "OTHER")) set(out_.tls_cipher, value);
    } else if (iequals_ascii(before, "cipher") || iequals_ascii(before, "tls_cipher")) {
      take_cipher(word);
    } else if (const auto version = tls_version_of(word); !version.empty()) {
      set(out_.tls_version, version);
    } else if (!out_.tls_version.empty() && istarts_with_ascii(word, "ECDHE_")) {
      set(out_.tls_cipher, word);
    }
  }

  /// "TLS_AES_256_GCM_SHA384", or "TLSv1:DES-CBC3-SHA:168": version, cipher, bits.
  void take_cipher(std::string_view word) {
    const auto colon = word.find(':');
    const auto version = tls_version_of(word.substr(0, colon));
    if (colon == std::string_view::npos || version.empty()) {
      set(out_.tls_cipher, word);
      return;
    }
    set(out_.tls_version, version);
    word.remove_prefix(colon + 1);
    set(out_.tls_cipher, word.substr(0, word.find(':')));
  }

  std::vector<Token> tokens_;
  Received out_;
  Key key_ = Key::kNone;
  bool fresh_ = false;  // the keyword was the last word
};

}  // namespace

Received parse_received(std::string_view value) {
  const std::string text = unfold(value);
  const auto semicolon = text.rfind(';');
  Received out = Reader(std::string_view(text).substr(0, semicolon)).read();
  if (semicolon == std::string::npos) return out;
  const auto tail = std::string_view(text).substr(semicolon + 1);
  out.date = base::codec::parse_rfc5322_date(tail);
  if (out.recipient.empty() && tail.contains('<')) out.recipient = Reader(tail).read().recipient;
  return out;
}

}  // namespace veredus::wire::mime
