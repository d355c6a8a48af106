#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "doors/imap/talk.h"
#include "state/mailbox/message.h"
#include "wire/imap/fetch_reply.h"

namespace veredus::doors::imap {

/// How FETCH lines look in this session.
[[nodiscard]] wire::imap::FetchReply::Form fetch_form(const Session& session);
/// What stands behind `*`: the message's number, or its UID after ENABLE UIDONLY.
[[nodiscard]] std::uint32_t fetch_number(const Session& session, std::uint32_t number, Uid uid);

/// A literal has no NUL, a literal8 may (RFC 9051 s4.3): what was appended behind `begin` gets another octet for each.
void replace_nul(std::string& out, std::size_t begin);

/// Those that have \Recent here, as far as this session says so: it is rev1's alone.
[[nodiscard]] std::span<const state::mailbox::UidRange> recent_of(const Session& session);
/// A message's wire::imap::SystemFlag bits, with \Recent where it is this session's.
[[nodiscard]] std::uint8_t shown_flags(const Session& session, const state::mailbox::Message& message);
/// FLAGS of a message, with \Recent where it is this session's.
void put_flags(wire::imap::FetchReply& reply, const Session& session, const state::mailbox::Message& message);

/// `* 3 FETCH (FLAGS (…))`, with UID and MODSEQ where the session wants them: flags that changed, asked for or not.
/// RFC 7162 s3.2.4: after ENABLE QRESYNC always with the UID.
void append_flags_line(Talk* talk, std::uint32_t number, const state::mailbox::Message& message, bool uid = false);

/// `* OK [PERMANENTFLAGS (…)]` of the selected mailbox.
void append_permanent_flags(Talk* talk);

}  // namespace veredus::doors::imap
