#include "doors/smtp/incoming_message.h"

#include <utility>

#include "doors/smtp/replies.h"

namespace veredus::doors::smtp {

using wire::smtp::LineFault;
using wire::smtp::make_reply;

IncomingMessage::IncomingMessage(Rules rules)
    : rules_(std::move(rules)), in_header_(static_cast<bool>(rules_.edit_header)) {}

void IncomingMessage::refuse(wire::smtp::Reply reply) {
  if (!refusal_) refusal_ = std::move(reply);
  in_header_ = false;
  pending_ = {};
}

wire::smtp::DataStream::Progress IncomingMessage::feed_data(std::string_view input) {
  const auto before = pending_.size();
  const auto progress = data_.feed(input, pending_);
  if (data_.fault() != LineFault::kNone) refuse(reply_for(data_.fault()));
  arrived(before);
  return progress;
}

void IncomingMessage::feed_chunk(std::string_view input) {
  const auto before = pending_.size();
  if (rules_.framing == Framing::kChunks) {
    line_endings_.feed(input);
    if (line_endings_.fault() != LineFault::kNone) refuse(reply_for(line_endings_.fault()));
    if (!input.empty()) ends_line_ = input.back() == '\n';
  }
  if (!refusal_) pending_.append(input);
  arrived(before);
}

/// Octets after `before` in pending_ are new.
void IncomingMessage::arrived(std::size_t before) {
  if (refusal_) {
    pending_.clear();
    return;
  }
  octets_ += pending_.size() - before;
  if (octets_ > rules_.max_octets)  // RFC 1870 s6.3
    return refuse(make_reply(552, 3, 4, "Message is larger than " + std::to_string(rules_.max_octets) + " octets"));
  if (in_header_) look_for_header_end();
}

void IncomingMessage::look_for_header_end() {
  if (pending_.starts_with("\r\n")) return edit_header(2);
  const auto end = pending_.find("\r\n\r\n", searched_);
  if (end != std::string::npos && end + 4 <= rules_.max_header_octets) return edit_header(end + 4);
  if (pending_.size() > rules_.max_header_octets)
    return refuse(
        make_reply(552, 3, 4, "Header is larger than " + std::to_string(rules_.max_header_octets) + " octets"));
  searched_ = pending_.size() < 3 ? 0 : pending_.size() - 3;
}

void IncomingMessage::edit_header(std::size_t header_octets) {
  in_header_ = false;
  const auto header = std::string_view(pending_).substr(0, header_octets);
  if (rules_.framing == Framing::kBinaryChunks) {
    // RFC 3030 s3 frees the body alone. Were a bare CR or LF let through here, other readers would see the header end,
    // or a field begin, where we did not look.
    wire::smtp::LineEndingCheck lines;
    lines.feed(header);
    lines.finish();
    if (lines.fault() != LineFault::kNone) return refuse(reply_for(lines.fault()));
  }
  auto edited = rules_.edit_header(header);
  if (!edited) return refuse(std::move(edited).error());
  auto& octets = *edited;
  if (!octets) return;
  if (header_octets == pending_.size())
    pending_ = *std::move(octets);
  else
    pending_.replace(0, header_octets, *octets);
}

void IncomingMessage::finish() {
  line_endings_.finish();
  if (rules_.framing == Framing::kChunks && line_endings_.fault() != LineFault::kNone)
    refuse(reply_for(line_endings_.fault()));
  // RFC 3030 s2 lets a chunk end anywhere; RFC 5321 s2.3.8: a text is lines, each with its CRLF. No DKIM signature
  // breaks by it, for what is signed ends in CRLF in any case; and all who read the message later count the same
  // octets.
  if (!refusal_ && !ends_line_) pending_.append("\r\n");
  if (in_header_) edit_header(pending_.size());  // a message that is all header
}

std::string IncomingMessage::take() {
  if (in_header_ || refusal_) return {};
  return std::exchange(pending_, {});
}

}  // namespace veredus::doors::smtp
