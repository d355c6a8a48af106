#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/types/clock.h"
#include "base/types/ids.h"
#include "state/mailbox/flags.h"
#include "state/mailbox/uid_set.h"

/// What is asked of the messages of a mailbox, in no protocol's words. All texts are UTF-8, found as substrings by
/// fold.h's rules.
namespace veredus::state::search {

struct All {};

struct HasFlag {
  mailbox::Flag flag;
};

struct HasKeyword {
  std::string name;  // any case
};

struct InUids {
  mailbox::UidSet uids;
};

/// Octets of the whole message: more than `over`, less than `under`.
struct Size {
  std::optional<std::uint64_t> over;
  std::optional<std::uint64_t> under;
};

/// from <= the moment < until. Days are those of UTC.
struct Received {  // the internal date
  std::optional<SystemTime> from;
  std::optional<SystemTime> until;
};
struct Saved {  // RFC 8514
  std::optional<SystemTime> from;
  std::optional<SystemTime> until;
};

/// The day of the Date field, by the clock it was written by. A message without a readable one is in no range.
struct SentOn {
  std::optional<std::chrono::sys_days> from;
  std::optional<std::chrono::sys_days> until;  // exclusive
};

struct ChangedSince {
  ModSeq modseq;  // the message's is this or greater (RFC 7162 s3.1.5)
};

struct EmailIs {
  EmailId email;
};
struct ThreadIs {
  ThreadId thread;
};

struct HasAttachment {};

/// A header field of the message itself has the text; an empty text: the field is there.
struct HeaderHas {
  std::string name;  // any case
  std::string text;
};
/// A body part that is text, without any header.
struct BodyHas {
  std::string text;
};
/// That, or any header field (its name too) of the message, its parts and messages in it.
struct TextHas {
  std::string text;
};

struct Query;
struct And {
  std::vector<Query> all;  // none: true
};
struct Or {
  std::vector<Query> any;  // none: false
};
struct Not {
  std::vector<Query> none;  // no one of these is true
};

struct Query {
  std::variant<All, HasFlag, HasKeyword, InUids, Size, Received, Saved, SentOn, ChangedSince, EmailIs, ThreadIs,
               HasAttachment, HeaderHas, BodyHas, TextHas, And, Or, Not>
      is;
};

/// How many conditions it has, the joining ones included.
[[nodiscard]] std::size_t size_of(const Query& query);

}  // namespace veredus::state::search
