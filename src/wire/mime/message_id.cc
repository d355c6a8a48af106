#include "wire/mime/message_id.h"

#include <algorithm>
#include <optional>

#include "base/codec/ascii.h"
#include "wire/mime/field_lexer.h"

namespace veredus::wire::mime {
namespace {

using base::codec::iequals_ascii;
using base::codec::istarts_with_ascii;
using base::codec::trim_ascii;

std::string without_blanks(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return !is_blank(c); });
  return out;
}

/// <"1"@a> and <1@a> are one id (RFC 5256 s3): quotes stay where the word needs them.
std::string without_needless_quotes(std::string id) {
  const auto end = id.starts_with('"') ? id.find("\"@", 1) : std::string::npos;
  if (end == std::string::npos) return id;
  std::string word;
  for (std::size_t at = 1; at < end; ++at) {
    if (id[at] == '\\' && at + 1 < end) ++at;
    word.push_back(id[at]);
  }
  if (word.empty() || word.find_first_of("()<>[]:;@\\,\"") != std::string::npos) return id;
  return word + id.substr(end + 1);
}

/// Keeps the first id and the last ones: the root of the conversation and the nearest ancestors.
void add_id(std::vector<std::string>& ids, std::string id, std::size_t max_ids) {
  if (id.empty() || max_ids == 0) return;
  if (ids.size() >= max_ids * 2 && ids.size() > 2)
    ids.erase(ids.begin() + 1, ids.begin() + 1 + (ids.size() - max_ids + 1));
  ids.push_back(std::move(id));
}

/// subj-refwd = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":" (RFC 5256 s5). The length of it; 0 when it is not there.
std::size_t reply_prefix(std::string_view text) {
  std::size_t at = istarts_with_ascii(text, "re")    ? 2
                   : istarts_with_ascii(text, "fwd") ? 3
                   : istarts_with_ascii(text, "fw")  ? 2
                                                     : 0;
  if (at == 0) return 0;
  while (at < text.size() && is_wsp(text[at])) ++at;
  if (at < text.size() && text[at] == '[') {
    const auto close = text.find_first_of("[]", at + 1);
    if (close == std::string_view::npos || text[close] == '[') return 0;
    at = close + 1;
    while (at < text.size() && is_wsp(text[at])) ++at;
  }
  return at < text.size() && text[at] == ':' ? at + 1 : 0;
}

/// subj-blob = "[" *BLOBCHAR "]" *WSP. The length of it; 0 when it is not there or nothing would be left.
std::size_t blob_prefix(std::string_view text) {
  if (!text.starts_with('[')) return 0;
  const auto close = text.find_first_of("[]", 1);
  if (close == std::string_view::npos || text[close] == '[') return 0;
  return trim_ascii(text.substr(close + 1)).empty() ? 0 : close + 1;
}

std::string_view without_trailers(std::string_view text) {
  while (true) {
    text = trim_ascii(text);
    if (!base::codec::iends_with_ascii(text, "(fwd)")) return text;
    text.remove_suffix(5);
  }
}

void keep_most(std::vector<std::string>& ids, std::size_t max_ids) {
  if (ids.size() > max_ids && max_ids > 0) ids.erase(ids.begin() + 1, ids.begin() + 1 + (ids.size() - max_ids));
}

}  // namespace

std::vector<std::string> parse_bracketed_ids(std::string_view value, std::size_t max_ids) {
  std::vector<std::string> ids;
  std::size_t at = 0;
  while ((at = value.find('<', at)) != std::string_view::npos) {
    const auto end = value.find_first_of("<>", at + 1);
    if (end == std::string_view::npos) break;
    if (value[end] == '>')
      add_id(ids, without_needless_quotes(without_blanks(value.substr(at + 1, end - at - 1))), max_ids);
    at = end;
  }
  keep_most(ids, max_ids);
  return ids;
}

std::vector<std::string> parse_message_ids(std::string_view value, std::size_t max_ids) {
  auto ids = parse_bracketed_ids(value, max_ids);
  if (ids.empty()) {
    FieldLexer lexer(value);
    while (!lexer.done()) {
      lexer.skip_cfws();
      std::string_view word = lexer.take_until("(,;");
      if (word.empty() && !lexer.done() && lexer.peek() != '(') lexer.skip();
      if (word.contains('@')) add_id(ids, std::string(trim_ascii(word, "<>\"")), max_ids);
    }
  }
  keep_most(ids, max_ids);
  return ids;
}

std::string base_subject(std::string_view subject_utf8) {
  std::string spaced;  // RFC 5256 s2.1 (1): every run of white space is one space
  for (const char c : subject_utf8)
    if (!is_blank(c)) {
      spaced.push_back(c);
    } else if (!spaced.ends_with(' ')) {
      spaced.push_back(' ');
    }
  std::string_view text = without_trailers(spaced);
  while (true) {
    const std::string_view before = text;
    while (const std::size_t octets =
               blob_prefix(text)) {  // "[list] Re: …": a blob counts if a reply mark or text follows
      text = trim_ascii(text.substr(octets));
    }
    while (const std::size_t octets = reply_prefix(text)) text = trim_ascii(text.substr(octets));
    if (istarts_with_ascii(text, "[fwd:") && text.ends_with(']'))  // (6)
      text = without_trailers(text.substr(5, text.size() - 6));
    if (text.size() == before.size()) return std::string(text);
  }
}

}  // namespace veredus::wire::mime
