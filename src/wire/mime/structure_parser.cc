#include "wire/mime/structure_parser.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/codec/ascii.h"
#include "wire/mime/field_lexer.h"
#include "wire/mime/header_block.h"

namespace veredus::wire::mime {
namespace {

using base::codec::iequals_ascii;

constexpr std::size_t kUsualHeaderOctets = 1000;
constexpr std::size_t kHeldOctets = 512;  // of a line that may be a delimiter; more than any boundary and padding need

std::string_view trim_right(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

TransferEncoding transfer_encoding_of(std::string_view name) {
  if (name == "base64") return TransferEncoding::kBase64;
  if (name == "quoted-printable") return TransferEncoding::kQuotedPrintable;
  return TransferEncoding::kIdentity;
}

/// The encoding's name alone: senders add comments, semicolons and quotes.
std::string encoding_name(std::string_view value) {
  FieldLexer lexer(value);
  lexer.skip_cfws();
  lexer.take('"');
  return base::codec::to_lower_ascii(lexer.take_until(";(\","));
}

std::vector<std::string> language_tags(std::string_view value) {
  constexpr std::size_t kMaxLanguages = 20;
  std::vector<std::string> tags;
  FieldLexer lexer(value);
  while (!lexer.done() && tags.size() < kMaxLanguages) {
    lexer.skip_cfws();
    if (lexer.take(',')) continue;
    const auto tag = lexer.take_until(",(");
    if (!tag.empty()) tags.emplace_back(tag);
  }
  return tags;
}

std::string short_value(const Field& field) { return std::string(base::codec::trim_ascii(unfold(field.value))); }

}  // namespace

StructureParser::StructureParser(Limits limits) : limits_(limits) {
  limits_.depth = std::max<std::size_t>(limits_.depth, 1);
  limits_.parts = std::max<std::size_t>(limits_.parts, 1);
  limits_.boundary_octets = std::min(limits_.boundary_octets, kHeldOctets / 2);
  begin_part(kNoPart, here());
}

void StructureParser::feed(std::string_view octets) {
  const char* at = octets.data();
  const char* const end = at + octets.size();
  while (at != end) {
    if (line_octets_ == 0 && state_ == State::kBody) {
      at = skip_body_lines(at, end);
      if (at == end) return;
    }
    const auto* line_end = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (line_end == nullptr) {
      partial_line({at, end});
      return;
    }
    const std::string_view piece(at, line_end + 1);
    if (line_octets_ == 0) {
      whole_line(piece);
    } else {
      end_partial_line(piece);
    }
    at = line_end + 1;
  }
}

/// The hot path: passes over whole lines of a body that cannot be delimiters.
const char* StructureParser::skip_body_lines(const char* at, const char* end) {
  const char* const begin = at;
  while (at != end && (*at != '-' || open_.empty())) {
    const auto* line_end = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (line_end == nullptr) break;
    ++line_ends_;
    at = line_end + 1;
  }
  if (at == begin) return at;
  line_begin_ += static_cast<std::uint64_t>(at - begin);
  last_line_end_ = at - begin >= 2 && at[-2] == '\r' ? 2 : 1;
  if (sampled_ != kNoPart) content_octets({begin, at}, true);
  return at;
}

void StructureParser::whole_line(std::string_view line) {
  line_octets_ = line.size();
  if (const auto delimiter = match(line)) {
    apply(*delimiter, line);
    return;
  }
  const bool blank = line == "\r\n" || line == "\n";
  if (state_ == State::kHeader && blank) {
    end_line(line);
    end_header(here());
    return;
  }
  content_octets(line, true);
  end_line(line);
}

bool StructureParser::held_is_undecided() const {
  if (held_.size() >= kHeldOctets) return false;
  return held_.empty() || held_ == "\r" || held_ == "-" || held_.starts_with("--");
}

void StructureParser::partial_line(std::string_view piece) {
  line_octets_ += piece.size();
  last_octet_ = piece.back();
  if (line_ == Line::kDelimiter) return;
  if (line_ == Line::kPlain) {
    content_octets(piece, false);
    return;
  }
  const std::size_t room = kHeldOctets - held_.size();
  held_.append(piece.substr(0, room));
  if (held_is_undecided()) return;
  held_delimiter_ = match(held_);
  line_ = held_delimiter_ ? Line::kDelimiter : Line::kPlain;
  if (held_delimiter_) return;
  content_octets(held_, true);
  if (piece.size() > room) content_octets(piece.substr(room), false);
}

void StructureParser::end_partial_line(std::string_view rest) {
  if (line_ == Line::kUndecided) {
    held_.append(rest);
    const std::string line = std::exchange(held_, {});
    last_octet_ = 0;
    whole_line(line);
    return;
  }
  line_octets_ += rest.size();
  if (line_ == Line::kDelimiter) {
    apply(*held_delimiter_, rest);
    return;
  }
  content_octets(rest, false);
  end_line(rest);
}

/// `end_of_line` is the line's last piece, "\n" included.
void StructureParser::end_line(std::string_view end_of_line) {
  const char before = end_of_line.size() >= 2 ? end_of_line[end_of_line.size() - 2] : last_octet_;
  line_begin_ += line_octets_;
  line_octets_ = 0;
  ++line_ends_;
  last_line_end_ = before == '\r' ? 2 : 1;
  line_ = Line::kUndecided;
  last_octet_ = 0;
  held_.clear();
}

/// delimiter := "--" boundary ["--"] transport-padding. RFC 2046 s5.1.1 asks to compare only the beginning of the line;
/// but one boundary may begin with another, so a line that is the delimiter and nothing else wins, innermost first, and
/// among mere beginnings the longest boundary.
std::optional<StructureParser::Delimiter> StructureParser::match(std::string_view line) const {
  if (open_.empty() || !line.starts_with("--")) return std::nullopt;
  const auto text = trim_right(line.substr(2, kHeldOctets - 2));
  std::optional<Delimiter> best;
  std::size_t best_octets = 0;
  for (std::size_t i = open_.size(); i-- > 0;) {
    const std::string& boundary = open_[i].boundary;
    if (!text.starts_with(boundary)) continue;
    const auto tail = text.substr(boundary.size());
    if (tail.empty() || tail == "--") return Delimiter{i, !tail.empty()};
    if (boundary.size() > best_octets) {
      best = Delimiter{i, tail.starts_with("--")};
      best_octets = boundary.size();
    }
  }
  return best;
}

/// Closes what the delimiter at line_begin_ ends; its multipart is then the current part.
void StructureParser::close_at(Delimiter delimiter) {
  // RFC 2046 s5.1.1: the line end before a delimiter belongs to it.
  const Place end{line_begin_ - last_line_end_, line_ends_ - (last_line_end_ > 0 ? 1 : 0)};
  while (state_ == State::kHeader) end_header(end);  // a part cut off in its header has an empty body
  const std::uint32_t multipart = open_[delimiter.open].part;
  while (path_.back() != multipart) close_last(end);
  open_.resize(delimiter.open + (delimiter.closing ? 0 : 1));
  sampled_ = kNoPart;
  if (structure_.parts[multipart].first_child != kNoPart) return;
  std::string().swap(structure_.parts[multipart].sample);  // that was a preamble
  if (delimiter.closing) imply_child(multipart);
}

void StructureParser::apply(Delimiter delimiter, std::string_view end_of_line) {
  close_at(delimiter);
  end_line(end_of_line);
  if (!delimiter.closing) begin_part(path_.back(), here());
}

std::uint32_t StructureParser::add_part(std::uint32_t parent, Place begin) {
  const auto index = static_cast<std::uint32_t>(structure_.parts.size());
  Part& part = structure_.parts.emplace_back();
  body_line_ends_.push_back(begin.line_ends);
  part.parent = parent;
  part.encoding = "7bit";  // RFC 2045 s6.1
  part.header_begin = part.body_begin = part.body_end = begin.offset;
  if (parent == kNoPart) return index;
  Part& above = structure_.parts[parent];
  if (above.last_child == kNoPart) {
    above.first_child = index;
  } else {
    structure_.parts[above.last_child].next_sibling = index;
  }
  above.last_child = index;
  return index;
}

void StructureParser::begin_part(std::uint32_t parent, Place begin) {
  const std::uint32_t index = add_part(parent, begin);
  path_.push_back(index);
  header_.clear();
  header_line_ = header_fields_ = 0;
  header_line_ends_ = begin.line_ends;
  header_full_ = all_header_octets_ >= limits_.total_header_octets;
  state_ = State::kHeader;
  if (structure_.parts.size() < limits_.parts || parent == kNoPart) return;
  Part& part = structure_.parts[index];  // the rest of the message, whatever is in it
  part.opaque = structure_.limited = true;
  part.content_type = {"application", "octet-stream", {}};
  open_.clear();
  state_ = State::kBody;
}

void StructureParser::content_octets(std::string_view octets, bool begins_line) {
  if (state_ == State::kHeader) {
    keep_header(octets, begins_line);
  } else if (sampled_ != kNoPart) {
    std::string& sample = structure_.parts[sampled_].sample;
    const std::size_t room = sample_limit_ - std::min(sample.size(), sample_limit_);
    sample.append(octets.substr(0, room));
    if (sample.size() >= sample_limit_) sampled_ = kNoPart;
  }
}

void StructureParser::keep_header(std::string_view octets, bool begins_line) {
  if (begins_line) {
    header_line_ = header_.size();
    if (!is_wsp(octets.front())) ++header_fields_;
  }
  Part& part = structure_.parts[path_.back()];
  const bool fits = header_.size() + octets.size() <= limits_.header_octets &&
                    all_header_octets_ + octets.size() <= limits_.total_header_octets &&
                    header_fields_ <= limits_.header_fields;
  if (header_full_ || !fits) {
    if (!header_full_) {  // the line under way goes, wherever the input was cut
      all_header_octets_ -= header_.size() - header_line_;
      header_.resize(header_line_);
    }
    header_full_ = part.header_truncated = structure_.limited = true;
    return;
  }
  if (header_.empty()) header_.reserve(kUsualHeaderOctets);
  header_.append(octets);
  all_header_octets_ += octets.size();
}

/// The header ends at `end`: by its blank line, a delimiter, or the end of the message.
void StructureParser::end_header(Place end) {
  const std::uint32_t index = path_.back();
  Part& part = structure_.parts[index];
  end.line_ends = std::max(end.line_ends, header_line_ends_);
  part.body_begin = part.body_end = std::max(end.offset, part.header_begin);
  part.header_lines = end.line_ends - header_line_ends_;
  body_line_ends_[index] = end.line_ends;
  state_ = State::kBody;
  read_content_fields(part);
  const bool is_message_root = part.parent == kNoPart || structure_.parts[part.parent].kind == PartKind::kMessage;
  if (is_message_root) part.header = std::exchange(header_, {});
  choose_kind(index);
}

/// A message without the blank line that ends its header, as people type them who talk to a server by hand: the first
/// line that is no field begins the body.
void StructureParser::end_header_at_first_text() {
  const std::size_t octets = end_of_fields(header_);
  if (header_full_ || octets == header_.size()) return;
  const std::string text = header_.substr(octets);
  header_.resize(octets);
  const auto lines = static_cast<std::uint64_t>(std::ranges::count(header_, '\n'));
  const Place end{structure_.parts[path_.back()].header_begin + octets, header_line_ends_ + lines};
  end_header(end);
  content_octets(text, true);
}

void StructureParser::read_content_fields(Part& part) {
  FieldReader reader(header_);
  while (const auto field = reader.next()) {
    if (!base::codec::istarts_with_ascii(field->name, "content-")) continue;
    const auto name = field->name.substr(8);
    if (iequals_ascii(name, "type")) {
      part.content_type = parse_content_type(field->value, limits_.parameters);
    } else if (iequals_ascii(name, "transfer-encoding")) {
      part.encoding = encoding_name(field->value);
    } else if (iequals_ascii(name, "disposition")) {
      part.disposition = parse_disposition(field->value, limits_.parameters);
    } else if (iequals_ascii(name, "id")) {
      part.id = short_value(*field);
    } else if (iequals_ascii(name, "description")) {
      part.description = short_value(*field);
    } else if (iequals_ascii(name, "md5")) {
      part.md5 = short_value(*field);
    } else if (iequals_ascii(name, "location")) {
      part.location = short_value(*field);
    } else if (iequals_ascii(name, "language")) {
      part.languages = language_tags(field->value);
    }
  }
  if (part.encoding.empty()) part.encoding = "7bit";
  part.transfer_encoding = transfer_encoding_of(part.encoding);

  ContentType& type = part.content_type;
  part.type_declared = !type.type.empty() && !type.subtype.empty();
  if (type.type == "multipart" && type.subtype.empty()) {
    type.subtype = "mixed";  // RFC 2046 s5.1.3
    part.type_declared = true;
  }
  if (part.type_declared) return;
  const bool in_digest = part.parent != kNoPart && structure_.parts[part.parent].is_type("multipart", "digest");
  Parameters kept = std::move(type.parameters);
  if (in_digest) {
    type = {"message", "rfc822", std::move(kept)};  // RFC 2046 s5.1.5
    return;
  }
  type = {"text", "plain", std::move(kept)};  // RFC 2045 s5.2
}

void StructureParser::choose_kind(std::uint32_t index) {
  Part& part = structure_.parts[index];
  const bool is_message = part.is_type("message", "rfc822") || part.is_type("message", "global");
  const bool is_multipart = part.content_type.type == "multipart";
  if (!is_message && !is_multipart) {
    begin_sample(index);
    return;
  }
  // RFC 2045 s6.4 forbids an encoding on both; on a multipart nobody means it, a message may really be encoded (RFC
  // 6532 s3.7 allows that for message/global).
  if (is_message && part.transfer_encoding != TransferEncoding::kIdentity) {
    part.opaque = true;
    return;
  }
  if (path_.size() >= limits_.depth) {
    part.opaque = structure_.limited = true;
    return;
  }
  if (is_multipart) {
    open_multipart(index);
  } else {
    part.kind = PartKind::kMessage;
    begin_part(index, {part.body_begin, body_line_ends_[index]});
  }
}

void StructureParser::open_multipart(std::uint32_t index) {
  Part& part = structure_.parts[index];
  part.kind = PartKind::kMultipart;
  begin_sample(index);
  std::string_view boundary = parameter(part.content_type.parameters, "boundary");
  std::string joined;
  if (boundary.empty()) {
    joined = parameter_utf8(part.content_type.parameters, "boundary");
    boundary = joined;
  }
  boundary = trim_right(boundary);
  if (!boundary.empty() && boundary.size() <= limits_.boundary_octets) open_.push_back({index, std::string(boundary)});
}

/// A multipart is sampled too, as long as nothing shows that it has parts: then its body is all there is to see.
void StructureParser::begin_sample(std::uint32_t index) {
  const Part& part = structure_.parts[index];
  sampled_ = kNoPart;
  if (have_plain_sample_ || samples_ >= limits_.samples || part.disposition.kind == "attachment") return;
  const bool is_html = part.is_type("text", "html");
  if (part.kind == PartKind::kLeaf) {
    if (part.content_type.type != "text") return;
    ++samples_;
    have_plain_sample_ = !is_html;
  }
  sample_limit_ = is_html ? limits_.sample_octets : limits_.sample_octets / 4;
  sampled_ = index;
}

/// Ends the body of the current part and makes its parent the current one.
void StructureParser::close_last(Place end) {
  const std::uint32_t index = path_.back();
  Part& part = structure_.parts[index];
  // An empty last part stands after the line end of its delimiter, which the next delimiter cannot have too.
  if (part.last_child != kNoPart && structure_.parts[part.last_child].body_end > end.offset) end = here();
  part.body_end = std::max(end.offset, part.body_begin);
  part.body_lines = end.line_ends - std::min(body_line_ends_[index], end.line_ends);
  // A plain part without text tells nothing: let the next one be sampled.
  if (have_plain_sample_ && part.kind == PartKind::kLeaf && !part.sample.empty() &&
      base::codec::trim_ascii(part.sample).empty())
    have_plain_sample_ = false;
  if (part.kind == PartKind::kMultipart && part.first_child == kNoPart) imply_child(index);
  path_.pop_back();
  sampled_ = kNoPart;
}

/// RFC 9051 s7.5.2 has no multipart without parts. One that has no delimiter gets a text part that is its body.
void StructureParser::imply_child(std::uint32_t multipart) {
  const std::uint32_t index = add_part(multipart, here());
  Part& part = structure_.parts[index];
  Part& above = structure_.parts[multipart];
  part.implied = true;
  part.content_type = {"text", "plain", {}};
  part.header_begin = part.body_begin = above.body_begin;
  part.body_end = above.body_end;
  part.body_lines = above.body_lines;
  part.sample = std::move(above.sample);
  above.sample.clear();
}

/// A delimiter right at the end of the message begins no part; one that was cut off leaves it behind.
void StructureParser::drop_empty_tail() {
  if (state_ != State::kHeader || path_.size() < 2 || line_octets_ != 0) return;
  const std::uint32_t index = path_.back();
  const Part& part = structure_.parts[index];
  Part& above = structure_.parts[part.parent];
  if (above.kind != PartKind::kMultipart || part.header_begin != line_begin_ || above.first_child == index) return;
  std::uint32_t before = above.first_child;
  while (structure_.parts[before].next_sibling != index) before = structure_.parts[before].next_sibling;
  structure_.parts[before].next_sibling = kNoPart;
  above.last_child = before;
  structure_.parts.pop_back();
  path_.pop_back();
  state_ = State::kBody;
}

Structure StructureParser::finish() {
  if (line_octets_ > 0) {  // the last line has no end
    structure_.unended = true;
    if (line_ == Line::kUndecided) held_delimiter_ = match(held_);
    if (held_delimiter_) {
      close_at(*held_delimiter_);
      if (structure_.parts[path_.back()].first_child == kNoPart) imply_child(path_.back());
    } else if (line_ == Line::kUndecided) {
      content_octets(held_, true);
    }
    line_begin_ += line_octets_;
    line_octets_ = 0;
  }
  drop_empty_tail();
  if (state_ == State::kHeader && path_.size() == 1) end_header_at_first_text();
  while (state_ == State::kHeader) end_header(here());
  while (!path_.empty()) close_last(here());
  structure_.octets = line_begin_;
  structure_.lines = line_ends_;
  return std::move(structure_);
}

}  // namespace veredus::wire::mime
