#include "wire/mime/header_block.h"

#include "base/codec/ascii.h"
#include "wire/mime/field_lexer.h"

namespace veredus::wire::mime {
namespace {

/// Where the field that begins at `begin` ends: after the line end that no white space follows.
std::size_t field_end(std::string_view block, std::size_t begin) {
  std::size_t at = begin;
  while (true) {
    const auto line_end = block.find('\n', at);
    if (line_end == std::string_view::npos) return block.size();
    at = line_end + 1;
    if (at >= block.size() || !is_wsp(block[at])) return at;
  }
}

std::string_view without_line_end(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.ends_with('\r')) text.remove_suffix(1);
  return text;
}

/// RFC 5322 s3.6.8: printable US-ASCII but the colon.
bool is_field_name(std::string_view name) {
  for (const char c : name)
    if (c < 33 || c > 126) return false;
  return !name.empty();
}

bool is_blank_line(std::string_view block, std::size_t at) {
  return block[at] == '\n' || (block[at] == '\r' && at + 1 < block.size() && block[at + 1] == '\n');
}

}  // namespace

std::optional<Field> FieldReader::next() {
  while (at_ < block_.size()) {
    if (is_blank_line(block_, at_)) {  // the body begins here
      at_ = block_.size();
      break;
    }
    std::size_t begin = at_;
    at_ = field_end(block_, begin);
    if (begin == 0) {  // a first line that is folded under nothing
      while (begin < at_ && is_wsp(block_[begin])) ++begin;
    }
    const auto whole = block_.substr(begin, at_ - begin);
    const auto colon = whole.find_first_of(":\n");
    if (colon == std::string_view::npos || whole[colon] != ':') continue;
    const auto name = base::codec::trim_ascii(whole.substr(0, colon), " \t");
    if (!is_field_name(name)) continue;
    return Field{name, without_line_end(whole.substr(colon + 1)), whole, begin};
  }
  return std::nullopt;
}

std::size_t end_of_fields(std::string_view block) {
  std::size_t at = 0;
  while (at < block.size()) {
    const std::size_t end = field_end(block, at);
    const auto line = block.substr(at, end - at);
    const bool envelope = at == 0 && (line.starts_with("From ") || line.starts_with(">From "));  // of an mbox
    if (!envelope && !FieldReader(line).next()) return at;
    at = end;
  }
  return at;
}

std::optional<Field> find_field(std::string_view block, std::string_view name) {
  std::optional<Field> found;
  FieldReader reader(block);
  while (auto field = reader.next())
    if (base::codec::iequals_ascii(field->name, name)) found = field;
  return found;
}

std::vector<Field> read_fields(std::string_view block) {
  std::vector<Field> fields;
  fields.reserve(32);  // as many as most have
  FieldReader reader(block);
  while (auto field = reader.next()) fields.push_back(*field);
  return fields;
}

}  // namespace veredus::wire::mime
