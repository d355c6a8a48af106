#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace veredus::wire::imap {

/// A string in a reply: quoted where it can be, else a literal; octets above 0x7F in a literal, NUL is left out. It is
/// the encoder of the stored ENVELOPE and BODYSTRUCTURE. RFC 9051 s4.3.
void append_string(std::string& out, std::string_view value);
/// "NIL" for nothing.
void append_nstring(std::string& out, const std::optional<std::string_view>& value);
/// As an atom where it is one and not "NIL", else as a string.
void append_astring(std::string& out, std::string_view value);
/// Quoted UTF-8, where the client has said it reads that (RFC 6855 s3, RFC 9051 s9 QUOTED-CHAR); else as append_string.
void append_utf8_string(std::string& out, std::string_view utf8);

/// `{n}` CRLF: the caller appends, or sends, the octets after it.
void append_literal_begin(std::string& out, std::uint64_t octets);
/// `~{n}` CRLF: octets that may hold NUL (RFC 3516 s4.1).
void append_literal8_begin(std::string& out, std::uint64_t octets);

/// How mailbox names are written on this connection.
enum class Names : std::uint8_t { kModifiedUtf7, kUtf8 };
/// Always a quoted string (or literal), as most servers do.
void append_mailbox(std::string& out, std::string_view name_utf8, Names names);
/// nullopt when it is neither. In kModifiedUtf7 also UTF-8 as it is, when it has octets above 0x7F, as some mail
/// programs send it.
[[nodiscard]] std::optional<std::string> decode_mailbox(std::string_view sent, Names names);

/// In a command: a quoted string, or a non-synchronizing literal where it cannot be one (the client's side, with
/// LITERAL+).
void append_sent_string(std::string& out, std::string_view value);

void append_number(std::string& out, std::uint64_t value);

}  // namespace veredus::wire::imap
