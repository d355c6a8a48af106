#include "state/search/message_text.h"

#include <algorithm>
#include <unordered_map>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "wire/mime/charset.h"
#include "wire/mime/encoded_word.h"
#include "wire/mime/header_block.h"

namespace veredus::state::search {
namespace {

using wire::mime::PartEntry;
using wire::mime::PartKind;
using wire::mime::TransferEncoding;

/// What the octets of every charset that is no extension of US-ASCII give away: shifts of ISO-2022, HZ and UTF-7 too.
constexpr std::string_view kProbe = "Az09 ,.;@[]{}|\\~^_#$\r\n\x1b$B0!\x1b(B ~{0!~} +AGE- ";

bool is_text(const PartEntry& part, bool has_children) {
  if (has_children) return false;
  if (part.kind == PartKind::kMultipart) return true;  // not looked into: a limit
  return part.type.starts_with("text/") || part.type.starts_with("message/");
}

}  // namespace

bool reads_as_ascii(std::string_view charset) {
  if (charset.empty()) return true;
  thread_local std::unordered_map<std::string, bool> known;
  constexpr std::size_t kKnown = 256;
  const std::string name(charset.substr(0, 64));
  if (const auto found = known.find(name); found != known.end()) return found->second;
  if (known.size() >= kKnown) known.clear();
  return known[name] = wire::mime::to_utf8(kProbe, charset) == kProbe;
}

MessageText::MessageText(const std::vector<PartEntry>& parts, Parts wanted, TextSink& sink) : sink_(sink) {
  std::vector<bool> has_children(parts.size(), false);
  for (const auto& part : parts)
    if (part.parent < parts.size()) has_children[part.parent] = true;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& part = parts[i];
    const auto owner = i == 0 ? TextSink::Owner::kMessage : TextSink::Owner::kPart;
    if (wanted == Parts::kFirstHeader && i > 0) break;
    if (wanted != Parts::kBodies && part.body_begin > part.header_begin)
      stretches_.push_back({part.header_begin, part.body_begin, true, owner, TransferEncoding::kIdentity, false, {}});
    if (wanted != Parts::kFirstHeader && part.body_end > part.body_begin && is_text(part, has_children[i]))
      stretches_.push_back(
          {part.body_begin, part.body_end, false, owner, part.encoding, reads_as_ascii(part.charset), part.charset});
  }
  std::ranges::sort(stretches_, {}, &Stretch::begin);
}

std::uint64_t MessageText::wants() const {
  if (at_ == stretches_.size()) return kEnd;
  return std::max(fed_, stretches_[at_].begin);
}

void MessageText::feed(std::uint64_t offset, std::string_view octets) {
  const std::uint64_t end = offset + octets.size();
  while (at_ < stretches_.size() && stretches_[at_].begin < end) {
    const Stretch& stretch = stretches_[at_];
    const auto from = std::max({stretch.begin, offset, fed_});
    const auto until = std::min(stretch.end, end);
    if (until > from) take(stretch, octets.substr(from - offset, until - from));
    fed_ = std::max(fed_, until);
    if (stretch.end > end) return;
    finish(stretch);
    ++at_;
  }
  fed_ = std::max(fed_, end);
}

void MessageText::take(const Stretch& stretch, std::string_view octets) {
  if (stretch.header) {
    held_.append(octets);
    if (held_.size() >= kHeaderOctets) take_header(stretch);
    return;
  }
  if (stretch.encoding == TransferEncoding::kIdentity) {
    take_text(stretch, octets);
    return;
  }
  std::string decoded;
  decoded.reserve(octets.size());
  if (stretch.encoding == TransferEncoding::kBase64)
    base64_.feed(octets, decoded);
  else
    quoted_printable_.feed(octets, decoded);
  take_text(stretch, decoded);
}

void MessageText::finish(const Stretch& stretch) {
  if (stretch.header) {
    take_header(stretch);
    return;
  }
  std::string rest;
  if (stretch.encoding == TransferEncoding::kBase64) base64_.finish(rest);
  if (stretch.encoding == TransferEncoding::kQuotedPrintable) quoted_printable_.finish(rest);
  take_text(stretch, rest);
  convert(stretch, held_.size());
  sink_.end_text();
}

void MessageText::take_header(const Stretch& stretch) {
  wire::mime::FieldReader fields(held_);
  while (const auto field = fields.next())
    sink_.field(stretch.owner, field->name, wire::mime::decode_header(field->value));
  held_.clear();
}

/// ASCII goes through as it is. Other text waits for the end of its line, so that no character, and no shift of a
/// charset that has shifts (they end with the line), is cut.
void MessageText::take_text(const Stretch& stretch, std::string_view octets) {
  if (octets.empty()) return;
  if (held_.empty() && stretch.plain && base::codec::is_ascii(octets)) {
    sink_.text(octets);
    return;
  }
  held_.append(octets);
  const auto line_end = held_.rfind('\n');
  std::size_t whole = line_end == std::string::npos ? 0 : line_end + 1;
  if (base::codec::istarts_with_ascii(stretch.charset, "utf-16") ||
      base::codec::istarts_with_ascii(stretch.charset, "utf-32"))
    whole = held_.size() >= kHeaderOctets ? held_.size() / 4 * 4 : 0;
  else if (whole == 0 && held_.size() >= kLineOctets)
    whole = base::codec::utf8_prefix(held_, held_.size() - 1).size();
  convert(stretch, whole);
}

void MessageText::convert(const Stretch& stretch, std::size_t octets) {
  if (octets == 0) return;
  const auto piece = std::string_view(held_).substr(0, octets);
  if (stretch.plain && base::codec::is_ascii(piece))
    sink_.text(piece);
  else
    sink_.text(wire::mime::to_utf8(piece, stretch.charset));
  held_.erase(0, octets);
}

}  // namespace veredus::state::search
