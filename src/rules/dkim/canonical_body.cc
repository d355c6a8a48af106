#include "rules/dkim/canonical_body.h"

#include <algorithm>
#include <array>
#include <limits>

namespace veredus::rules::dkim {

namespace {

constexpr std::size_t kBufferOctets = 1024;  // to gather pieces in; longer ones are hashed where they are

constexpr std::array<bool, 256> kSpaceOrReturn = [] {
  std::array<bool, 256> out{};
  for (const unsigned char c : {' ', '\t', '\r'}) out[c] = true;
  return out;
}();

bool is_space_or_return(char c) { return kSpaceOrReturn[static_cast<unsigned char>(c)]; }

/// How many octets stand as they are in relaxed form: words with one space or one line end between them. At least the
/// first, which is neither space nor return.
std::size_t plain_octets(std::string_view octets) {
  std::size_t at = 0;
  const auto word_at = [octets](std::size_t i) { return i < octets.size() && !is_space_or_return(octets[i]); };
  while (at < octets.size()) {
    if (!is_space_or_return(octets[at])) {
      ++at;
    } else if (octets[at] == ' ' && word_at(at + 1)) {
      at += 2;
    } else if (octets.substr(at, 2) == "\r\n" && word_at(at + 2)) {
      at += 3;
    } else {
      break;
    }
  }
  return at;
}

}  // namespace

BodyHash::BodyHash(Canonical canonical, std::optional<std::uint64_t> limit)
    : canonical_(canonical), limit_(limit.value_or(std::numeric_limits<std::uint64_t>::max())) {}

void BodyHash::feed(std::string_view octets) {
  if (octets_ > limit_) return;
  if (canonical_ == Canonical::kSimple)
    feed_simple(octets);
  else
    feed_relaxed(octets);
}

void BodyHash::feed_simple(std::string_view octets) {
  while (!octets.empty()) {
    if (carriage_return_) {
      carriage_return_ = false;
      if (octets.front() == '\n') {
        ++line_ends_;
        octets.remove_prefix(1);
        continue;
      }
      content("\r");
    }
    const auto end = std::min(octets.find('\r'), octets.size());
    if (end > 0) content(octets.substr(0, end));
    carriage_return_ = end < octets.size();
    octets.remove_prefix(std::min(end + 1, octets.size()));
  }
}

/// RFC 6376 s3.4.4: white space at the end of a line goes, and within it becomes one space.
void BodyHash::feed_relaxed(std::string_view octets) {
  while (!octets.empty()) {
    const char c = octets.front();
    if (carriage_return_) {
      carriage_return_ = false;
      if (c == '\n') {
        space_ = false;
        ++line_ends_;
        octets.remove_prefix(1);
        continue;
      }
      content("\r");
    }
    if (c == ' ' || c == '\t') {
      space_ = true;
      octets.remove_prefix(1);
    } else if (c == '\r') {
      carriage_return_ = true;
      octets.remove_prefix(1);
    } else {
      const auto end = plain_octets(octets);
      content(octets.substr(0, end));
      octets.remove_prefix(end);
    }
  }
}

/// Octets that are neither held back white space nor line ends; both count now.
void BodyHash::content(std::string_view octets) {
  for (; line_ends_ > 0; --line_ends_) emit("\r\n");
  if (space_) emit(" ");
  space_ = false;
  any_content_ = true;
  emit(octets);
}

void BodyHash::emit(std::string_view octets) {
  const auto room = limit_ > octets_ ? limit_ - octets_ : 0;
  octets_ += octets.size();
  octets = octets.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, octets.size())));
  if (buffer_.size() + octets.size() > kBufferOctets) flush();
  if (octets.size() > kBufferOctets) return hash_.update(octets);
  buffer_.reserve(kBufferOctets);
  buffer_ += octets;
}

void BodyHash::flush() {
  hash_.update(buffer_);
  buffer_.clear();
}

std::string BodyHash::finish() {
  if (carriage_return_) content("\r");
  carriage_return_ = false;
  // A body ends in one line end; an empty one does so in simple form alone (RFC 6376 s3.4.3, s3.4.4).
  if (any_content_ || canonical_ == Canonical::kSimple) emit("\r\n");
  flush();
  return hash_.finish();
}

}  // namespace veredus::rules::dkim
