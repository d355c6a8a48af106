#include "state/mailbox/threads.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "wire/mime/message_id.h"

namespace veredus::state::mailbox {
namespace {

/// FNV-1a, 64 bits. On disk (t rows), do not change.
class Hash {
 public:
  void add(std::string_view octets) {
    for (const char octet : octets) {
      value_ ^= static_cast<std::uint8_t>(octet);
      value_ *= 0x100000001B3;
    }
  }
  /// Never 0.
  [[nodiscard]] std::uint64_t value() const { return value_ != 0 ? value_ : 1; }

 private:
  std::uint64_t value_ = 0xCBF29CE484222325;
};

}  // namespace

ThreadHashes thread_hashes(const EmailContent& content) {
  ThreadHashes hashes;
  if (content.message_id.empty() && content.in_reply_to.empty() && content.references.empty()) return hashes;
  const std::string subject = base::codec::to_lower_ascii(wire::mime::base_subject(content.subject_utf8));
  const auto hash = [&](std::string_view message_id) {
    Hash value;
    value.add(message_id);
    value.add(std::string_view("\0", 1));
    value.add(subject);
    return value.value();
  };
  if (!content.message_id.empty()) hashes.own = hash(content.message_id);
  const auto refer = [&](const std::string& message_id) {
    if (message_id.empty() || hashes.references.size() >= kThreadReferences) return;
    const auto value = hash(message_id);
    if (value != hashes.own && std::ranges::count(hashes.references, value) == 0) hashes.references.push_back(value);
  };
  for (const auto& message_id : content.in_reply_to) refer(message_id);
  for (auto it = content.references.rbegin(); it != content.references.rend(); ++it) refer(*it);
  return hashes;
}

}  // namespace veredus::state::mailbox
