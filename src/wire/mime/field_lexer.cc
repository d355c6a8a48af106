#include "wire/mime/field_lexer.h"

namespace veredus::wire::mime {

bool FieldLexer::take(char c) {
  if (done() || text_[at_] != c) return false;
  ++at_;
  return true;
}

void FieldLexer::skip_blanks() {
  while (!done() && is_blank(text_[at_])) ++at_;
}

void FieldLexer::skip_cfws(std::string* comments) {
  while (true) {
    skip_blanks();
    if (peek() != '(') return;
    std::string comment = take_comment();
    if (comments == nullptr || comment.empty()) continue;
    if (!comments->empty()) comments->push_back(' ');
    comments->append(comment);
  }
}

std::string FieldLexer::take_comment() {
  std::string out;
  std::size_t depth = 0;
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\\' && at_ + 1 < text_.size()) {
      if (!is_line_end(text_[++at_])) out.push_back(text_[at_]);
    } else if (c == '(') {
      if (depth++ > 0) out.push_back(c);
    } else if (c == ')') {
      if (--depth == 0) {
        ++at_;
        break;
      }
      out.push_back(c);
    } else if (!is_line_end(c)) {
      out.push_back(c);
    }
  }
  const auto first = out.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return out.substr(first, out.find_last_not_of(" \t") - first + 1);
}

std::size_t FieldLexer::find_quote_end() const {
  for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
    if (text_[i] == '\\') {
      ++i;
    } else if (text_[i] == '"') {
      return i;
    }
  }
  const auto line_end = text_.find_first_of("\r\n", at_);
  return line_end == std::string_view::npos ? text_.size() : line_end;
}

std::string FieldLexer::take_quoted_string() {
  const std::size_t end = find_quote_end();
  std::string out;
  out.reserve(end - at_);
  for (std::size_t i = at_ + 1; i < end; ++i) {
    if (text_[i] == '\\' && i + 1 < end) ++i;
    if (!is_line_end(text_[i])) out.push_back(text_[i]);
  }
  at_ = end < text_.size() && text_[end] == '"' ? end + 1 : end;
  return out;
}

std::string_view FieldLexer::take_until(std::string_view stops) {
  const std::size_t begin = at_;
  while (!done() && !is_blank(text_[at_]) && stops.find(text_[at_]) == std::string_view::npos) ++at_;
  return text_.substr(begin, at_ - begin);
}

}  // namespace veredus::wire::mime
