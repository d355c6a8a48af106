#include "work/queue/pause_list.h"

#include <algorithm>
#include <utility>

#include "base/codec/ascii.h"

namespace veredus::work::queue {

using state::spool::Pause;
using state::spool::PauseOf;

bool is_sender(std::string_view subject, const std::optional<std::string>& sender) {
  if (!sender) return subject == "<>";
  if (subject.starts_with('@')) return base::codec::iends_with_ascii(*sender, subject);
  return base::codec::iequals_ascii(subject, *sender);
}

void PauseList::set(std::vector<Pause> all) {
  const std::scoped_lock lock(mutex_);
  pauses_ = std::move(all);
  any_sender_ = std::ranges::any_of(pauses_, [](const Pause& p) { return p.of == PauseOf::kSender; });
}

void PauseList::put(Pause pause) {
  erase(pause.of, pause.subject);
  const std::scoped_lock lock(mutex_);
  any_sender_ = any_sender_ || pause.of == PauseOf::kSender;
  pauses_.push_back(std::move(pause));
}

bool PauseList::erase(PauseOf of, std::string_view subject) {
  const std::scoped_lock lock(mutex_);
  const auto gone = std::erase_if(pauses_, [&](const Pause& p) { return p.of == of && p.subject == subject; });
  any_sender_ = std::ranges::any_of(pauses_, [](const Pause& p) { return p.of == PauseOf::kSender; });
  return gone != 0;
}

bool PauseList::everything() const {
  const std::scoped_lock lock(mutex_);
  return std::ranges::any_of(pauses_, [](const Pause& p) { return p.of == PauseOf::kEverything; });
}

bool PauseList::holds_sender(const std::optional<std::string>& sender) const {
  const std::scoped_lock lock(mutex_);
  if (!any_sender_) return false;
  return std::ranges::any_of(pauses_,
                             [&](const Pause& p) { return p.of == PauseOf::kSender && is_sender(p.subject, sender); });
}

std::vector<Pause> PauseList::all() const {
  const std::scoped_lock lock(mutex_);
  return pauses_;
}

}  // namespace veredus::work::queue
