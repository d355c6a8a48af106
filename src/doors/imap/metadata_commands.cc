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

using state::mailbox::AnnotationDepth;
using state::mailbox::AnnotationPlace;
using state::mailbox::kEverybody;
using state::mailbox::kWholeAccount;
using state::mailbox::MailboxError;
using state::mailbox::Right;
using state::mailbox::SpecialUse;

using Entry = AnnotationEntry;

constexpr std::size_t kEntryOctets = 300;
constexpr std::string_view kSpecialUseEntry = "/specialuse";

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

/// What is asked of a mailbox.
struct Asked {
  std::vector<Entry> entries;  // each once
  AnnotationDepth depth = AnnotationDepth::kOne;
  std::optional<std::uint64_t> max_size;
};

AnnotationDepth depth_of(wire::imap::GetMetadata::Depth depth) {
  using Depth = wire::imap::GetMetadata::Depth;
  if (depth == Depth::kOne) return AnnotationDepth::kChildren;
  return depth == Depth::kInfinity ? AnnotationDepth::kAllBelow : AnnotationDepth::kOne;
}

/// What the session may hear of, without values: those may be megabytes. Some may be gone already.
asio::awaitable<std::expected<std::set<Entry>, MailboxError>> entries_there(Talk* talk,
                                                                            const AnnotatedMailbox* mailbox) {
  auto known = co_await talk->services.mailboxes.annotation_notes(mailbox->account, ModSeq());
  if (!known) co_return std::unexpected(known.error());
  std::set<Entry> there;
  for (const auto scope : {Entry::Scope::kPrivate, Entry::Scope::kShared}) {
    const auto place = place_of(*talk, *mailbox, scope);
    for (const auto& note : known->notes)
      if (note.place.mailbox == place.mailbox && note.place.reader == place.reader) there.insert({scope, note.name});
    if (has_special_use(*talk, *mailbox, scope)) there.insert({scope, std::string(kSpecialUseEntry)});
  }
  co_return there;
}

/// Of those that are there what is asked for, in order, each once (RFC 5464 s4.2.2).
std::vector<Entry> among(const std::set<Entry>& there, const Asked& asked) {
  std::vector<Entry> found;
  std::set<Entry> known;
  const auto add = [&](const Entry& one) {
    if (known.insert(one).second) found.push_back(one);
  };
  for (const auto& entry : asked.entries) {
    if (there.contains(entry)) add(entry);
    const Entry below{entry.scope, entry.name + '/'};
    for (auto at = there.lower_bound(below); at != there.end(); ++at) {
      if (at->scope != below.scope || !at->name.starts_with(below.name)) break;
      if (asked.depth == AnnotationDepth::kAllBelow || at->name.find('/', below.name.size()) == std::string::npos)
        add(*at);
    }
  }
  return found;
}

asio::awaitable<std::expected<std::optional<std::string>, MailboxError>> value_of(Talk* talk,
                                                                                  const AnnotatedMailbox* mailbox,
                                                                                  const Entry* entry) {
  if (has_special_use(*talk, *mailbox, entry->scope) && entry->name == kSpecialUseEntry &&
      mailbox->special_use != SpecialUse::kNone)
    co_return std::string(to_attribute(mailbox->special_use));
  auto found = co_await talk->services.mailboxes.annotations(mailbox->account, place_of(*talk, *mailbox, entry->scope),
                                                             entry->name, AnnotationDepth::kOne);
  if (!found) co_return std::unexpected(found.error());
  if (found->empty()) co_return std::nullopt;
  co_return std::move(found->front().value);
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

/// A METADATA line, begun with its first value.
class MetadataLine {
 public:
  MetadataLine(Talk* talk, std::string_view mailbox) : talk_(talk), mailbox_(mailbox) {}

  void add(const Entry& entry, const std::optional<std::string>& value) {
    if (!begun_) begin_reply(talk_, "METADATA", mailbox_);
    auto& out = talk_->out.buffer();
    out.append(std::exchange(begun_, true) ? " " : "(");
    wire::imap::append_astring(out, whole_name(entry));
    out.append(" ");
    append_value(out, value);
  }
  void end() {
    if (begun_) talk_->out.buffer().append(")\r\n");
  }

 private:
  Talk* talk_;
  std::string_view mailbox_;
  bool begun_ = false;
};

struct Told {
  std::size_t longest_left_out = 0;
  bool client_is_gone = false;
};
using ToldOrNot = std::expected<Told, MailboxError>;

/// One value after the other, each read before it is begun: what cannot be read leaves nothing half written.
asio::awaitable<ToldOrNot> tell_each(Talk* talk, const AnnotatedMailbox* mailbox, const Asked* asked, ReplyPace* pace,
                                     MetadataLine* line) {
  Told told;
  for (const auto& entry : asked->entries) {
    auto value = co_await value_of(talk, mailbox, &entry);
    if (!value) co_return std::unexpected(value.error());
    const auto octets = *value ? (*value)->size() : 0;
    if (asked->max_size && octets > *asked->max_size)
      told.longest_left_out = std::max(told.longest_left_out, octets);
    else if (*value || asked->depth == AnnotationDepth::kOne)
      line->add(entry, *value);
    if (!pace->is_due()) continue;
    told.client_is_gone = !co_await pace->pause();
    if (told.client_is_gone) break;
  }
  co_return told;
}

/// Holds one value at a time.
asio::awaitable<ToldOrNot> tell(Talk* talk, const AnnotatedMailbox* mailbox, Asked asked, ReplyPace* pace) {
  if (asked.depth != AnnotationDepth::kOne) {
    const auto there = co_await entries_there(talk, mailbox);
    if (!there) co_return std::unexpected(there.error());
    asked.entries = among(*there, asked);
  }
  MetadataLine line(talk, mailbox->name);
  const auto told = co_await tell_each(talk, mailbox, &asked, pace, &line);
  line.end();
  co_return told;
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

std::vector<AnnotationEntry> annotation_entries(const std::vector<std::string>& texts) {
  std::vector<Entry> entries;
  std::set<Entry> known;
  for (const auto& text : texts) {
    auto entry = parse_entry(text);
    if (entry && known.insert(*entry).second) entries.push_back(*std::move(entry));
  }
  return entries;
}

asio::awaitable<std::expected<bool, MailboxError>> tell_annotations(Talk* talk, AnnotatedMailbox mailbox,
                                                                    std::vector<AnnotationEntry> entries,
                                                                    ReplyPace* pace) {
  Asked asked;
  asked.entries = std::move(entries);
  const auto told = co_await tell(talk, &mailbox, std::move(asked), pace);
  if (!told) co_return std::unexpected(told.error());
  co_return !told->client_is_gone;
}

asio::awaitable<Outcome> get_metadata(Talk* talk, wire::imap::GetMetadata command) {
  const auto found = co_await find_annotated(talk, std::move(command.mailbox));
  if (!found) co_return found.error();
  const bool all_entries =
      std::ranges::all_of(command.entries, [](const auto& text) { return parse_entry(text).has_value(); });
  if (!all_entries) co_return bad("That is no entry's name");
  ReplyPace pace(&talk->out);
  Asked asked{annotation_entries(command.entries), depth_of(command.depth), command.max_size};
  const auto told = co_await tell(talk, &found->first, std::move(asked), &pace);
  if (!told) co_return failure(told.error());
  if (told->client_is_gone) co_return gone();
  if (told->longest_left_out == 0) co_return ok("Annotations told");
  std::string code = "METADATA LONGENTRIES ";  // RFC 5464 s4.2.1
  wire::imap::append_number(code, told->longest_left_out);
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
