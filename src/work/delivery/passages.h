#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/types/clock.h"
#include "wire/smtp/address.h"
#include "work/delivery/envelope.h"

namespace veredus::state::directory {
struct MailList;
struct Via;
class Snapshot;
}  // namespace veredus::state::directory

namespace veredus::work::delivery {

/// The field that says which list a held post is for; `veredus list approve` looks for it.
constexpr std::string_view kModerationField = "X-Veredus-Moderation";

/// The List-* fields of a post, each ended by CRLF. Source: RFC 2369, RFC 2919.
[[nodiscard]] std::string list_fields(const state::directory::MailList& list);

/// Who sends, as far as it changes the return path of what is led on.
struct ForwardedFrom {
  const wire::smtp::Address* sender = nullptr;  // null: the null reverse-path
  bool authenticated = false;
};

/// What `via` changes in a message: a list's own return path and fields; for what leaves by an alias or an account, a
/// return path of ours (SRS) when a stranger's would fail SPF.
[[nodiscard]] Passage passage_for(const state::directory::Via& via, const ForwardedFrom& from,
                                  const state::directory::Snapshot& snapshot, SystemTime now);

}  // namespace veredus::work::delivery
