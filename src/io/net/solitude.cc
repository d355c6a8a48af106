#include "io/net/solitude.h"

namespace veredus::io::net {
namespace {

struct Heard {
  const void* speaker = nullptr;
  bool has_more = false;
  bool spent = false;
  Solitude::Clock::time_point since;  // nobody else
  Solitude::Clock::time_point last;
};

thread_local Heard heard;

}  // namespace

void Solitude::note_heard(const void* speaker, bool has_more, Clock::time_point now) {
  if (speaker != heard.speaker || now - heard.last > kSilence) heard.since = now;
  heard.speaker = speaker;
  heard.has_more = has_more;
  heard.spent = false;
  heard.last = now;
}

void Solitude::note_gone(const void* speaker) {
  if (speaker == heard.speaker) heard = {};
}

void Solitude::spend() { heard.spent = true; }

bool Solitude::is_here(Clock::time_point now) {
  return heard.speaker != nullptr && !heard.has_more && !heard.spent && heard.last - heard.since >= kLongEnough &&
         now - heard.last <= kJustNow;
}

}  // namespace veredus::io::net
