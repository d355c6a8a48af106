#include "doors/pop3/maildrop.h"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <iterator>

namespace veredus::doors::pop3 {

using Mark = Maildrop::Entry::Mark;

void Maildrop::add(const state::mailbox::Message& message) {
  // What stands before the final dot is a line (RFC 1939 s3): one without its CRLF is sent with it.
  const auto octets = message.body.octets + (message.unended ? 2 : 0);
  entries_.push_back({.body = message.body, .octets = octets, .uid = message.uid});
  ++count_;
  octets_ += octets;
}

void Maildrop::rewrite_last(std::uint32_t header_octets, std::uint64_t surrogate_octets) {
  Entry& entry = entries_.back();
  octets_ -= entry.octets;
  entry.header_octets = header_octets;
  entry.octets = entry.octets - header_octets + surrogate_octets;
  octets_ += entry.octets;
}

void Maildrop::remove(const state::mailbox::UidSet& uids, ModSeq seen) {
  seen_ = seen;
  for (auto& entry : entries_) {
    if (entry.mark == Mark::kGone || !uids.contains(entry.uid)) continue;
    if (entry.mark == Mark::kNone) {
      --count_;
      octets_ -= entry.octets;
    }
    entry.mark = Mark::kGone;
  }
}

const Maildrop::Entry* Maildrop::find(std::uint32_t number) const {
  if (number == 0 || number > entries_.size()) return nullptr;
  const Entry& entry = entries_[number - 1];
  return entry.mark == Mark::kNone ? &entry : nullptr;
}

bool Maildrop::mark_deleted(std::uint32_t number) {
  if (find(number) == nullptr) return false;
  Entry& entry = entries_[number - 1];
  entry.mark = Mark::kDeleted;
  --count_;
  octets_ -= entry.octets;
  return true;
}

void Maildrop::unmark_all() {
  for (auto& entry : entries_) {
    if (entry.mark != Mark::kDeleted) continue;
    entry.mark = Mark::kNone;
    ++count_;
    octets_ += entry.octets;
  }
}

state::mailbox::UidSet Maildrop::deleted() const {
  state::mailbox::UidSet uids;
  for (const auto& entry : entries_)
    if (entry.mark == Mark::kDeleted) uids.add(entry.uid);
  return uids;
}

std::string Maildrop::unique_id(const Entry& entry) const {
  return fmt::format(FMT_COMPILE("{:x}.{:x}"), uid_validity_.value, entry.uid.value);
}

std::string Maildrop::size_lines() const {
  std::string out;
  out.reserve(std::size_t{count_} * 14);
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].mark == Mark::kNone)
      fmt::format_to(std::back_inserter(out), FMT_COMPILE("{} {}\r\n"), i + 1, entries_[i].octets);
  return out;
}

std::string Maildrop::unique_id_lines() const {
  std::string out;
  out.reserve(std::size_t{count_} * 26);
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].mark == Mark::kNone)
      fmt::format_to(std::back_inserter(out), FMT_COMPILE("{} {:x}.{:x}\r\n"), i + 1, uid_validity_.value,
                     entries_[i].uid.value);
  return out;
}

}  // namespace veredus::doors::pop3
