#include "doors/imap/metadata_commands.h"

#include <algorithm>
#include <optional>
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

/// A value with the whole name of its entry.
struct Told {
  std::string entry;
  std::optional<std::string> value;
};

std::string whole_name(Entry::Scope scope, std::string_view name) {
  return std::string(scope == Entry::Scope::kPrivate ? "/private" : "/shared").append(name);
}

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
    told.push_back({whole_name(entry.scope, kSpecialUseEntry), std::string(to_attribute(mailbox->special_use))});
  for (auto& annotation : *found)
    told.push_back({whole_name(entry.scope, annotation.name), std::move(annotation.value)});
  if (told.empty() && depth == AnnotationDepth::kOne)
    told.push_back({whole_name(entry.scope, entry.name), std::nullopt});
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

void append_metadata(Talk* talk, const AnnotatedMailbox& mailbox, const std::vector<Told>& told) {
  if (told.empty()) return;
  begin_reply(talk, "METADATA", mailbox.name);
  auto& out = talk->out.buffer();
  out.append("(");
  for (const auto& [entry, value] : told) {
    if (out.back() != '(') out.append(" ");
    wire::imap::append_astring(out, entry);
    out.append(" ");
    append_value(out, value);
  }
  out.append(")\r\n");
}

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
  std::vector<Told> all;
  for (const auto& text : entries) {
    auto entry = parse_entry(text);
    if (!entry) continue;
    auto told = co_await values_of(talk, &mailbox, std::move(*entry), AnnotationDepth::kOne);
    if (!told) co_return std::unexpected(told.error());
    std::ranges::move(*told, std::back_inserter(all));
  }
  append_metadata(talk, mailbox, all);
  co_return std::expected<void, MailboxError>();
}

asio::awaitable<Outcome> get_metadata(Talk* talk, wire::imap::GetMetadata command) {
  const auto found = co_await find_annotated(talk, std::move(command.mailbox));
  if (!found) co_return found.error();
  std::vector<Told> all;
  std::size_t longest_left_out = 0;
  for (const auto& text : command.entries) {
    auto entry = parse_entry(text);
    if (!entry) co_return bad("That is no entry's name");
    auto told = co_await values_of(talk, &found->first, std::move(*entry), depth_of(command.depth));
    if (!told) co_return failure(told.error());
    for (auto& one : *told) {
      const auto octets = one.value ? one.value->size() : 0;
      if (command.max_size && octets > *command.max_size)
        longest_left_out = std::max(longest_left_out, octets);
      else if (std::ranges::find(all, one.entry, &Told::entry) == all.end())
        all.push_back(std::move(one));
    }
  }
  append_metadata(talk, found->first, all);
  if (longest_left_out == 0) co_return ok("Annotations told");
  std::string code = "METADATA LONGENTRIES ";  // RFC 5464 s4.2.1
  wire::imap::append_number(code, longest_left_out);
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
