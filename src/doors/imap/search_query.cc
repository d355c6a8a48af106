#include "doors/imap/search_query.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "doors/imap/named_messages.h"
#include "state/mailbox/object_id.h"

namespace veredus::doors::imap {
namespace {

namespace search = state::search;
using state::mailbox::Flag;
using state::mailbox::UidSet;
using wire::imap::SearchKey;
using wire::imap::SearchKind;
using Result = std::expected<search::Query, Outcome>;

search::Query query(auto is) { return search::Query{std::move(is)}; }

search::Query nothing() { return query(search::Or{}); }

search::Query negated(search::Query one) {
  search::Not none;
  none.none.push_back(std::move(one));
  return query(std::move(none));
}

/// A moment from a count of seconds before `now`; very many seconds are the beginning of time.
SystemTime before(SystemTime now, std::uint64_t seconds) {
  constexpr std::uint64_t kAges = 200ULL * 366 * 24 * 3600;
  return now - std::chrono::seconds(std::min(seconds, kAges));
}

/// RFC 9051 s6.4.4: dates are compared "disregarding time and timezone".
template <class Range, class Moment>
search::Query day_range(SearchKind kind, SearchKind earlier, SearchKind on, wire::imap::Date date) {
  const Moment day = std::chrono::sys_days(date);
  const Moment next = std::chrono::sys_days(date) + std::chrono::days(1);
  if (kind == earlier) return query(Range{std::nullopt, day});
  if (kind == on) return query(Range{day, next});
  return query(Range{day, std::nullopt});
}

/// One key after the other; what they have in common is the session.
class Translation {
 public:
  Translation(const Session& session, SystemTime now) : session_(session), now_(now) {}

  Result one(const SearchKey& key) const;

 private:
  Result joint(const SearchKey& key) const;
  [[nodiscard]] Result numbered(const SearchKey& key) const;
  [[nodiscard]] search::Query recent(SearchKind kind) const;
  [[nodiscard]] search::Query dated(const SearchKey& key) const;
  [[nodiscard]] search::Query identified(const SearchKey& key) const;

  const Session& session_;
  SystemTime now_;
};

search::Query field_query(std::string name, std::string text) {
  return query(search::HeaderHas{std::move(name), std::move(text)});
}

Result Translation::joint(const SearchKey& key) const {
  std::vector<search::Query> parts;
  parts.reserve(key.children.size());
  for (const auto& child : key.children) {
    VEREDUS_TRY(parts.emplace_back(), one(child));
  }
  if (key.kind == SearchKind::kAnd) return query(search::And{std::move(parts)});
  if (key.kind == SearchKind::kOr) return query(search::Or{std::move(parts)});
  return query(search::Not{std::move(parts)});
}

Result Translation::numbered(const SearchKey& key) const {
  if (key.kind == SearchKind::kUid || key.set.saved_result) {
    VEREDUS_TRY(auto uids, named_messages(session_, key.set, Numbers::kUid));
    return query(search::InUids{std::move(uids)});
  }
  if (session_.has(Extension::kUidOnly)) {  // RFC 9586 s3
    auto refused = bad("Message numbers cannot be used any more");
    refused.code = "UIDREQUIRED";
    return std::unexpected(std::move(refused));
  }
  if (session_.selected->uids().empty()) return nothing();
  VEREDUS_TRY(auto uids, named_messages(session_, key.set, Numbers::kSequence));
  return query(search::InUids{std::move(uids)});
}

/// RFC 3501 s6.4.4
search::Query Translation::recent(SearchKind kind) const {
  auto recent = query(search::InUids{session_.selected->recent()});
  if (kind == SearchKind::kRecent) return recent;
  if (kind == SearchKind::kOld) return negated(std::move(recent));
  search::And both;
  both.all.push_back(std::move(recent));
  both.all.push_back(negated(query(search::HasFlag{Flag::kSeen})));
  return query(std::move(both));
}

search::Query Translation::dated(const SearchKey& key) const {
  switch (key.kind) {
    case SearchKind::kBefore:
    case SearchKind::kOn:
    case SearchKind::kSince:
      return day_range<search::Received, SystemTime>(key.kind, SearchKind::kBefore, SearchKind::kOn, key.date);
    case SearchKind::kSavedBefore:
    case SearchKind::kSavedOn:
    case SearchKind::kSavedSince:
      return day_range<search::Saved, SystemTime>(key.kind, SearchKind::kSavedBefore, SearchKind::kSavedOn, key.date);
    case SearchKind::kOlder:
      return query(search::Received{std::nullopt, before(now_, key.number)});
    case SearchKind::kYounger:
      return query(search::Received{before(now_, key.number), std::nullopt});
    default:
      return day_range<search::SentOn, std::chrono::sys_days>(key.kind, SearchKind::kSentBefore, SearchKind::kSentOn,
                                                              key.date);
  }
}

/// RFC 8474 s6. An id of another account, or none of ours, is nobody's.
search::Query Translation::identified(const SearchKey& key) const {
  const auto account = session_.selected->account();
  if (key.kind == SearchKind::kEmailId) {
    const auto id = state::mailbox::parse_email_object_id(key.text);
    return id && id->account == account ? query(search::EmailIs{id->id}) : nothing();
  }
  const auto id = state::mailbox::parse_thread_object_id(key.text);
  return id && id->account == account ? query(search::ThreadIs{id->id}) : nothing();
}

Result Translation::one(const SearchKey& key) const {
  switch (key.kind) {
    case SearchKind::kAnd:
    case SearchKind::kOr:
    case SearchKind::kNot:
      return joint(key);
    case SearchKind::kAll:
    case SearchKind::kSaveDateSupported:
      return query(search::All{});  // RFC 8514 s4.2: it is
    case SearchKind::kFlag:
      return query(search::HasFlag{static_cast<Flag>(key.flag)});
    case SearchKind::kKeyword:
      return query(search::HasKeyword{key.text});
    case SearchKind::kNew:
    case SearchKind::kOld:
    case SearchKind::kRecent:
      return recent(key.kind);
    case SearchKind::kBcc:
      return field_query("Bcc", key.text);
    case SearchKind::kCc:
      return field_query("Cc", key.text);
    case SearchKind::kFrom:
      return field_query("From", key.text);
    case SearchKind::kTo:
      return field_query("To", key.text);
    case SearchKind::kSubject:
      return field_query("Subject", key.text);
    case SearchKind::kHeader:
      return field_query(key.field, key.text);
    case SearchKind::kBody:
      return query(search::BodyHas{key.text});
    case SearchKind::kText:
      return query(search::TextHas{key.text});
    case SearchKind::kLarger:
      return query(search::Size{key.number, std::nullopt});
    case SearchKind::kSmaller:
      return query(search::Size{std::nullopt, key.number});
    case SearchKind::kModSeq:
      return query(search::ChangedSince{ModSeq(key.number)});
    case SearchKind::kNumbers:
    case SearchKind::kUid:
      return numbered(key);
    case SearchKind::kEmailId:
    case SearchKind::kThreadId:
      return identified(key);
    default:
      return dated(key);
  }
}

}  // namespace

UidSet searched_messages(const SearchKey& key, const Session& session) {
  auto uids = session.selected->uids().all();
  for (const auto& child : key.children) {
    if (child.kind != SearchKind::kNumbers && child.kind != SearchKind::kUid) continue;
    const auto named = named_messages(session, child.set, numbers(child.kind == SearchKind::kUid));
    if (!named) continue;  // query_of says so
    UidSet both;
    for (const auto& range : named->ranges())
      for (const auto& part : uids.within(range.first, range.last).ranges()) both.add(part);
    uids = std::move(both);
  }
  return uids;
}

void fix_sets(SearchKey& key, const Session& session) {
  for (auto& child : key.children) fix_sets(child, session);
  if (key.kind != SearchKind::kUid && key.kind != SearchKind::kNumbers) return;
  const auto has_star = [](const auto& range) {
    return range.first == wire::imap::kStar || range.last == wire::imap::kStar;
  };
  const bool is_fixed = key.kind == SearchKind::kUid && !key.set.saved_result;
  if (is_fixed && std::ranges::none_of(key.set.ranges, has_star)) return;
  const auto named = named_messages(session, key.set, is_fixed ? Numbers::kUid : Numbers::kSequence);
  key.kind = SearchKind::kUid;
  key.set = {.ranges = named ? ranges_of(*named) : std::vector<wire::imap::SequenceRange>()};
}

std::expected<search::Query, Outcome> query_of(const SearchKey& key, const Session& session, SystemTime now,
                                               UidSet among) {
  search::And both;
  both.all.push_back(query(search::InUids{std::move(among)}));
  VEREDUS_TRY(both.all.emplace_back(), Translation(session, now).one(key));
  return query(std::move(both));
}

}  // namespace veredus::doors::imap
