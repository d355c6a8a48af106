#include <algorithm>

#include "base/codec/ascii.h"
#include "wire/imap/account_parser.h"
#include "wire/imap/command_parser.h"
#include "wire/imap/notify_parser.h"

namespace veredus::wire::imap {
namespace {

using base::codec::iequals_ascii;

/// RFC 5464 s3.2: two levels at least, no wildcards, no empty level, ASCII without control characters.
bool is_entry(std::string_view name) {
  const bool known =
      base::codec::istarts_with_ascii(name, "/private/") || base::codec::istarts_with_ascii(name, "/shared/");
  const auto is_allowed = [](char c) { return c >= ' ' && c < 127 && c != '*' && c != '%'; };
  return known && !name.ends_with('/') && !name.contains("//") && std::ranges::all_of(name, is_allowed);
}

/// To ask for all below them (RFC 5464 s4.2.2).
bool is_root(std::string_view name) { return iequals_ascii(name, "/private") || iequals_ascii(name, "/shared"); }

enum class Roots : std::uint8_t { kAllowed, kRefused };

std::expected<std::string, CommandError> parse_entry(Cursor& at, Roots roots) {
  const auto begin = at.position();
  VEREDUS_TRY(auto entry, at.astring());
  if (is_entry(entry) || (roots == Roots::kAllowed && is_root(entry))) return entry;
  at.go_to(begin);
  return std::unexpected(CommandError::kEntry);
}

}  // namespace

std::expected<std::vector<std::string>, CommandError> parse_entries(Cursor& at, std::size_t most) {
  std::vector<std::string> entries;
  if (at.peek() != '(') {
    VEREDUS_TRY(entries.emplace_back(), parse_entry(at, Roots::kAllowed));
    return entries;
  }
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(entries.emplace_back(), parse_entry(at, Roots::kAllowed));
    if (entries.size() > most) return std::unexpected(CommandError::kTooManyArguments);
    VEREDUS_TRY(more, at.list_goes_on());
  }
  return entries;
}

namespace verbs {
namespace {

template <class T>
ParsedBody parse_mailbox(Cursor& at, const ReaderOptions& options) {
  T command;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(command.mailbox, at.mailbox(options.names()));
  return command;
}

template <class T>
ParsedBody parse_identifier(Cursor& at, const ReaderOptions& options) {
  T command;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(command.mailbox, at.mailbox(options.names()));
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(command.identifier, at.astring());
  return command;
}

///   setacl = "SETACL" SP mailbox SP identifier SP mod-rights ; mod-rights = astring, perhaps with "+" or "-" first
ParsedBody parse_set_acl(Cursor& at, const ReaderOptions& options) {
  SetAcl acl;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(acl.mailbox, at.mailbox(options.names()));
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(acl.identifier, at.astring());
  VEREDUS_TRY(at.space());
  const auto begin = at.position();
  VEREDUS_TRY(const auto sent, at.astring());
  std::string_view rights = sent;
  if (rights.starts_with('+')) acl.mode = SetAcl::Mode::kAdd;
  if (rights.starts_with('-')) acl.mode = SetAcl::Mode::kRemove;
  if (acl.mode != SetAcl::Mode::kReplace) rights.remove_prefix(1);
  for (const char c : rights) {
    if (!((c >= 'a' && c <= 'z') || base::codec::is_digit(c))) {  // RFC 4314 s2: no upper case
      at.go_to(begin);
      return std::unexpected(CommandError::kRights);
    }
    if (!acl.rights.contains(c)) acl.rights.push_back(c);
  }
  return acl;
}

ParsedBody parse_get_quota(Cursor& at, const ReaderOptions&) {
  GetQuota quota;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(quota.root, at.astring());
  return quota;
}

///   setquota = "SETQUOTA" SP quota-root-name SP "(" [resource SP limit *(SP resource SP limit)] ")" (RFC 9208 s7)
ParsedBody parse_set_quota(Cursor& at, const ReaderOptions& options) {
  SetQuota quota;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(quota.root, at.astring());
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(at.list_begin());
  while (!at.list_end()) {
    const auto resource = at.atom();
    if (!resource) return std::unexpected(CommandError::kResource);
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(const auto limit, at.number64());
    quota.limits.emplace_back(base::codec::to_upper_ascii(*resource), limit);
    if (quota.limits.size() > options.arguments) return std::unexpected(CommandError::kTooManyArguments);
    at.skip_blanks();
  }
  return quota;
}

std::expected<void, CommandError> parse_metadata_option(Cursor& at, GetMetadata& get) {
  if (at.take_word("MAXSIZE")) {
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(get.max_size, at.number());
    return {};
  }
  if (!at.take_word("DEPTH")) return std::unexpected(CommandError::kMetadataOption);
  VEREDUS_TRY(at.space());
  if (at.take_word("0")) {
    get.depth = GetMetadata::Depth::kZero;
  } else if (at.take_word("1")) {
    get.depth = GetMetadata::Depth::kOne;
  } else if (at.take_word("infinity")) {
    get.depth = GetMetadata::Depth::kInfinity;
  } else {
    return std::unexpected(CommandError::kMetadataOption);
  }
  return {};
}

std::expected<void, CommandError> parse_metadata_options(Cursor& at, GetMetadata& get) {
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(parse_metadata_option(at, get));
    VEREDUS_TRY(more, at.list_goes_on());
  }
  return at.space();
}

/// Whether a list of options comes, and no list of entries.
bool options_come(const Cursor& at) {
  const auto rest = at.rest();
  const auto first = rest.substr(0, rest.find_first_not_of("( "));
  if (!first.starts_with('(')) return false;
  const auto word = rest.substr(first.size());
  return base::codec::istarts_with_ascii(word, "MAXSIZE") || base::codec::istarts_with_ascii(word, "DEPTH");
}

///   getmetadata = "GETMETADATA" [SP options] SP mailbox SP entries ; the examples of RFC 5464 s4.2 have the options
/// behind the mailbox, and so have mail programs.
ParsedBody parse_get_metadata(Cursor& at, const ReaderOptions& options) {
  GetMetadata get;
  VEREDUS_TRY(at.space());
  if (at.peek() == '(') VEREDUS_TRY(parse_metadata_options(at, get));
  VEREDUS_TRY(get.mailbox, at.mailbox(options.names()));
  VEREDUS_TRY(at.space());
  if (options_come(at)) VEREDUS_TRY(parse_metadata_options(at, get));
  VEREDUS_TRY(get.entries, parse_entries(at, options.arguments));
  return get;
}

///   setmetadata = "SETMETADATA" SP mailbox SP "(" entry SP value *(SP entry SP value) ")" ; value = nstring / literal8
ParsedBody parse_set_metadata(Cursor& at, const ReaderOptions& options) {
  SetMetadata set;
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(set.mailbox, at.mailbox(options.names()));
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(auto entry, parse_entry(at, Roots::kRefused));
    VEREDUS_TRY(at.space());
    VEREDUS_TRY(auto value, at.nstring());
    set.values.emplace_back(std::move(entry), std::move(value));
    if (set.values.size() > options.arguments) return std::unexpected(CommandError::kTooManyArguments);
    VEREDUS_TRY(more, at.list_goes_on());
  }
  return set;
}

ParsedBody parse_notify_verb(Cursor& at, const ReaderOptions& options) {
  VEREDUS_TRY(at.space());
  VEREDUS_TRY(auto notify, parse_notify(at, options));
  return notify;
}

constexpr Verb kVerbs[] = {
    {"GETQUOTAROOT", parse_mailbox<GetQuotaRoot>},
    {"MYRIGHTS", parse_mailbox<MyRights>},
    {"GETACL", parse_mailbox<GetAcl>},
    {"GETMETADATA", parse_get_metadata},
    {"SETMETADATA", parse_set_metadata},
    {"NOTIFY", parse_notify_verb},
    {"SETACL", parse_set_acl},
    {"DELETEACL", parse_identifier<DeleteAcl>},
    {"LISTRIGHTS", parse_identifier<ListRights>},
    {"GETQUOTA", parse_get_quota},
    {"SETQUOTA", parse_set_quota},
};

}  // namespace

const Verb* find_account_verb(std::string_view name) {
  const auto verb = std::ranges::find_if(kVerbs, [name](const Verb& v) { return iequals_ascii(v.name, name); });
  return verb == std::end(kVerbs) ? nullptr : verb;
}

}  // namespace verbs
}  // namespace veredus::wire::imap
