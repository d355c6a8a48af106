#include "doors/imap/fetch_line.h"

#include <algorithm>

#include "wire/imap/reply.h"

namespace veredus::doors::imap {

using wire::imap::FetchReply;

namespace {

/// What nobody asked for has its UID: RFC 7162 s3.2.4, RFC 9051 s7.5.2, with FlagChange RFC 5465 s5.1.
bool has_uid_unasked(const Session& session) {
  const auto* events = session.notification ? session.notification->selected_events() : nullptr;
  return session.has(Extension::kQresync) || session.rev2() || (events != nullptr && events->flag_change);
}

}  // namespace

FetchReply::Form fetch_form(const Session& session) {
  return session.has(Extension::kUidOnly) ? FetchReply::Form::kUidFetch : FetchReply::Form::kFetch;
}

std::uint32_t fetch_number(const Session& session, std::uint32_t number, Uid uid) {
  return session.has(Extension::kUidOnly) ? uid.value : number;
}

void replace_nul(std::string& out, std::size_t begin) {
  constexpr char kOther = '\x80';
  const auto first = out.find('\0', begin);  // mostly there is none
  if (first != std::string::npos)
    std::replace(out.begin() + static_cast<std::ptrdiff_t>(first), out.end(), '\0', kOther);
}

std::span<const state::mailbox::UidRange> recent_of(const Session& session) {
  if (session.rev2()) return {};
  return session.selected->recent().ranges();
}

std::uint8_t shown_flags(const Session& session, const state::mailbox::Message& message) {
  std::uint8_t system = message.flags.bits();
  const auto& selected = *session.selected;
  if (selected.has_recent() && !session.rev2() && selected.is_recent(message.uid)) system |= wire::imap::kRecentFlag;
  return system;
}

void put_flags(FetchReply& reply, const Session& session, const state::mailbox::Message& message) {
  const auto& keywords = session.selected->keywords;
  reply.flags(shown_flags(session, message), keywords, message.keywords.low(), message.keywords.high());
}

void append_flags_line(Talk* talk, std::uint32_t number, const state::mailbox::Message& message, bool uid) {
  const auto& session = talk->session;
  FetchReply reply(talk->out.buffer(), fetch_number(session, number, message.uid), fetch_form(session));
  const bool uid_only = session.has(Extension::kUidOnly);
  if (!uid_only && (uid || has_uid_unasked(session))) reply.uid(message.uid.value);
  put_flags(reply, session, message);
  if (session.has(Extension::kCondstore)) reply.modseq(message.modseq.value);
  reply.finish();
}

void append_permanent_flags(Talk* talk) {
  using wire::imap::NewKeywords;
  const auto& selected = *talk->session.selected;
  const auto flags = selected.permanent_flags;
  const bool keywords = selected.may_keep_keywords && selected.keywords.size() < state::mailbox::kKeywords;
  static const std::vector<std::string> none;
  const auto code = wire::imap::code_permanentflags(flags, selected.may_keep_keywords ? selected.keywords : none,
                                                    keywords ? NewKeywords::kAllowed : NewKeywords::kRefused);
  wire::imap::append_untagged(talk->out.buffer(), wire::imap::Condition::kOk, code, "Flags that can be kept");
}

}  // namespace veredus::doors::imap
