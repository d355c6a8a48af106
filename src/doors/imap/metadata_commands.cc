#include "doors/imap/metadata_commands.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/codec/ascii.h"
#include "doors/imap/failures.h"
#include "doors/imap/name_tree.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/special_use.h"
#include "state/mailbox/mailboxes.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::Annotation;
using state::mailbox::AnnotationDepth;
using state::mailbox::AnnotationPlace;
using state::mailbox::kEverybody;
using state::mailbox::kWholeAccount;
using state::mailbox::MailboxError;
using state::mailbox::Right;
using state::mailbox::SpecialUse;

constexpr std::size_t kEntryOctets = 300;
constexpr std::size_t kHeldOctets = 256 * 1024;  // of values that wait for their turn; others are read again
constexpr std::string_view kSpecialUseEntry = "/specialuse";

/// An entry's name taken apart.
struct Entry {
  enum class Scope : std::uint8_t { kPrivate, kShared } scope;
  std::string name;  // what follows, in lower case
};

/// RFC 5464 s3.2: components of ASCII but controls, `*` and `%`, none of them empty. nullopt: it is none.
std::optional<Entry> parse_entry(std::string_view text) {
  Entry entry{};
  if (text.size() > kEntryOctets || text.ends_with('/') || text.find("//") != std::string_view::npos)
    return std::nullopt;
  const bool plain = std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7F' && c != '*' && c != '%'; });
  if (!plain) return std::nullopt;
  if (base::codec::istarts_with_ascii(text, "/private"))
    entry.scope = Entry::Scope::kPrivate;
  else if (base::codec::istarts_with_ascii(text, "/shared"))
    entry.scope = Entry::Scope::kShared;
  else
    return std::nullopt;
  text.remove_prefix(entry.scope == Entry::Scope::kPrivate ? 8 : 7);
  if (!text.empty() && !text.starts_with('/')) return std::nullopt;
  entry.name = base::codec::to_lower_ascii(text);
  return entry;
}

AnnotationPlace place_of(const Talk& talk, const AnnotatedMailbox& mailbox, Entry::Scope scope) {
  return {mailbox.mailbox, scope == Entry::Scope::kPrivate ? talk.session.account() : kEverybody};
}

/// Whether /private/specialuse of this mailbox is its special use.
bool has_special_use(const Talk& talk, const AnnotatedMailbox& mailbox, Entry::Scope scope) {
  return scope == Entry::Scope::kPrivate && mailbox.mailbox != kWholeAccount &&
         mailbox.account == talk.session.account();
}

std::string whole_name(const Entry& entry) {
  return std::string(entry.scope == Entry::Scope::kPrivate ? "/private" : "/shared").append(entry.name);
}

struct Told {
  Entry entry;
  std::optional<std::string> value;
  bool held = true;  // false: read the value again
};

AnnotationDepth depth_of(wire::imap::GetMetadata::Depth depth) {
  using Depth = wire::imap::GetMetadata::Depth;
  if (depth == Depth::kOne) return AnnotationDepth::kChildren;
  return depth == Depth::kInfinity ? AnnotationDepth::kAllBelow : AnnotationDepth::kOne;
}

using ToldAll = std::expected<std::vector<Told>, MailboxError>;

/// The values of `entry` and, as `depth` says, below it; NIL for the entry itself when only that was asked for.
asio::awaitable<ToldAll> values_of(Talk* talk, const AnnotatedMailbox* mailbox, Entry entry, AnnotationDepth depth) {
  std::vector<Told> told;
  const auto place = place_of(*talk, *mailbox, entry.scope);
  auto found = co_await talk->services.mailboxes.annotations(mailbox->account, place, entry.name, depth);
  if (!found) co_return std::unexpected(found.error());
  const bool below = entry.name.empty() && depth != AnnotationDepth::kOne;
  if (has_special_use(*talk, *mailbox, entry.scope) && mailbox->special_use != SpecialUse::kNone &&
      (entry.name == kSpecialUseEntry || below))
    told.push_back({.entry = {entry.scope, std::string(kSpecialUseEntry)},
                    .value = std::string(to_attribute(mailbox->special_use))});
  for (auto& annotation : *found)
    told.push_back({.entry = {entry.scope, std::move(annotation.name)}, .value = std::move(annotation.value)});
  if (told.empty() && depth == AnnotationDepth::kOne) told.push_back({.entry = entry, .value = std::nullopt});
  co_return told;
}

/// An nstring, or a literal8 for what a string cannot hold (RFC 5464 s5).
void append_value(std::string& out, const std::optional<std::string>& value) {
  if (!value || value->find('\0') == std::string::npos) {
    wire::imap::append_nstring(out, value);
    return;
  }
  wire::imap::append_literal8_begin(out, value->size());
  out.append(*value);
}

/// The value of one that is not held; none when the mailbox has gone meanwhile.
asio::awaitable<std::expected<std::optional<std::string>, MailboxError>> value_again(Talk* talk,
                                                                                     const AnnotatedMailbox* mailbox,
                                                                                     const Told* one) {
  auto told = co_await values_of(talk, mailbox, one->entry, AnnotationDepth::kOne);
  if (!told && told.error() == MailboxError::kNoSuchMailbox) co_return std::nullopt;
  if (!told) co_return std::unexpected(told.error());
  co_return std::move(told->front().value);
}

/// Writes the METADATA line. False: the connection is of no more use, because the client is gone or a value cannot be
/// read any more.
asio::awaitable<bool> write_metadata(Talk* talk, const AnnotatedMailbox* mailbox, std::vector<Told> told) {
  if (told.empty()) co_return true;
  begin_reply(talk, "METADATA", mailbox->name);
  auto& out = talk->out.buffer();
  std::string_view before = "(";
  for (auto& one : told) {
    out.append(std::exchange(before, " "));
    wire::imap::append_astring(out, whole_name(one.entry));
    out.append(" ");
    if (!one.held) {
      auto value = co_await value_again(talk, mailbox, &one);
      if (!value) co_return false;
      one.value = *std::move(value);
    }
    append_value(out, one.value);
    one.value.reset();
    if (!talk->out.is_full()) continue;
    const bool sent = co_await talk->out.make_room();
    if (!sent) co_return false;
  }
  out.append(")\r\n");
  co_return true;
}

/// What GETMETADATA has found so far.
struct Found {
  std::vector<Told> all;
  std::set<std::string> entries;
  std::size_t held_octets = 0;
  std::size_t longest_left_out = 0;

  void add(Told one, std::optional<std::uint64_t> max_size) {
    const auto octets = one.value ? one.value->size() : 0;
    if (max_size && octets > *max_size) longest_left_out = std::max(longest_left_out, octets);
    if ((max_size && octets > *max_size) || !entries.insert(whole_name(one.entry)).second) return;
    one.held = octets == 0 || held_octets + octets <= kHeldOctets;
    if (one.held)
      held_octets += octets;
    else
      one.value.reset();
    all.push_back(std::move(one));
  }
};

using FoundMailbox = std::expected<std::pair<AnnotatedMailbox, state::mailbox::Rights>, Outcome>;

/// An empty name is the server.
asio::awaitable<FoundMailbox> find_annotated(Talk* talk, std::string name) {
  AnnotatedMailbox annotated{talk->session.account(), kWholeAccount, SpecialUse::kNone, {}};
  if (name.empty()) co_return std::pair(std::move(annotated), state::mailbox::Rights::all());
  auto found = co_await find_mailbox(talk, std::move(name));
  if (!found) co_return std::unexpected(failure(found.error()));
  if (!found->rights.has(Right::kLookup) || !may_have_annotations(found->rights))
    co_return std::unexpected(not_permitted(found->rights));
  annotated.account = found->account;
  annotated.mailbox = found->mailbox.id;
  annotated.special_use = found->mailbox.special_use;
  annotated.name = std::move(found->shown_name);
  co_return std::pair(std::move(annotated), found->rights);
}

/// What SETMETADATA does: annotations, and the special use when it is among them.
struct Wanted {
  std::vector<state::mailbox::AnnotationChange> changes;
  std::optional<state::mailbox::GivenUse> special_use;
};

std::expected<Wanted, Outcome> wanted_of(const Talk& talk, wire::imap::SetMetadata& command,
                                         const AnnotatedMailbox& mailbox, state::mailbox::Rights rights) {
  Wanted wanted;
  for (auto& [name, value] : command.values) {
    auto entry = parse_entry(name);
    if (!entry || entry->name.empty()) return std::unexpected(bad("That is no entry's name"));
    const bool shared = entry->scope == Entry::Scope::kShared;
    // RFC 5464 s3.3: what everybody sees of the server is the administrator's.
    if (shared && (mailbox.mailbox == kWholeAccount || !rights.has(Right::kWrite)))
      return std::unexpected(not_permitted());
    if (has_special_use(talk, mailbox, entry->scope) && entry->name == kSpecialUseEntry) {
      const auto use = value && !value->empty() ? parse_special_use(*value) : std::optional(SpecialUse::kNone);
      if (!use) return std::unexpected(no("USEATTR", "There is no such use"));
      wanted.special_use = {mailbox.mailbox, *use};
      continue;
    }
    wanted.changes.push_back({place_of(talk, mailbox, entry->scope), std::move(entry->name), std::move(value)});
  }
  return wanted;
}

}  // namespace

asio::awaitable<std::expected<void, MailboxError>> tell_annotations(Talk* talk, AnnotatedMailbox mailbox,
                                                                    std::vector<std::string> entries) {
  Found all;
  std::set<std::string> asked;
  for (const auto& text : entries) {
    auto entry = parse_entry(text);
    if (!entry || !asked.insert(whole_name(*entry)).second) continue;
    auto told = co_await values_of(talk, &mailbox, std::move(*entry), AnnotationDepth::kOne);
    if (!told) co_return std::unexpected(told.error());
    for (auto& one : *told) all.add(std::move(one), std::nullopt);
  }
  const bool told = co_await write_metadata(talk, &mailbox, std::move(all.all));
  if (!told) co_return std::unexpected(MailboxError::kUnavailable);
  co_return std::expected<void, MailboxError>();
}

asio::awaitable<Outcome> get_metadata(Talk* talk, wire::imap::GetMetadata command) {
  const auto found = co_await find_annotated(talk, std::move(command.mailbox));
  if (!found) co_return found.error();
  Found all;
  std::set<std::string> asked;
  for (const auto& text : command.entries) {
    auto entry = parse_entry(text);
    if (!entry) co_return bad("That is no entry's name");
    if (!asked.insert(whole_name(*entry)).second) continue;
    auto told = co_await values_of(talk, &found->first, std::move(*entry), depth_of(command.depth));
    if (!told) co_return failure(told.error());
    for (auto& one : *told) all.add(std::move(one), command.max_size);
  }
  const bool written = co_await write_metadata(talk, &found->first, std::move(all.all));
  if (!written) co_return gone();
  if (all.longest_left_out == 0) co_return ok("Annotations told");
  std::string code = "METADATA LONGENTRIES ";  // RFC 5464 s4.2.1
  wire::imap::append_number(code, all.longest_left_out);
  co_return ok(std::move(code), "Annotations told, but for longer ones");
}

asio::awaitable<Outcome> set_metadata(Talk* talk, wire::imap::SetMetadata command) {
  const auto found = co_await find_annotated(talk, std::move(command.mailbox));
  if (!found) co_return found.error();
  const auto& mailbox = found->first;
  auto wanted = wanted_of(*talk, command, mailbox, found->second);
  if (!wanted) co_return wanted.error();
  const auto use = wanted->special_use;
  const auto done = co_await talk->services.mailboxes.annotate(mailbox.account, std::move(wanted->changes),
                                                               talk->session.id, use);  // RFC 5464 s4.3: all or nothing
  if (!done) co_return failure(done.error());
  if (use && talk->session.notification)
    talk->session.notification->note_own_special_use(mailbox.account, use->mailbox, use->use);
  co_return ok("Annotations set");
}

}  // namespace veredus::doors::imap
