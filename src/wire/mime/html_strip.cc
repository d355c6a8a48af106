#include <algorithm>
#include <array>

#include "base/codec/ascii.h"
#include "base/codec/utf8.h"
#include "wire/mime/html_entities.h"
#include "wire/mime/html_text.h"

namespace veredus::wire::mime {
namespace {

using base::codec::istarts_with_ascii;

constexpr std::array<std::string_view, 6> kUnseen = {"script", "style", "title", "noscript", "template", "svg"};
constexpr std::size_t kMaxTag = 8192;  // quotes are followed this far, so that one that never closes costs little

bool is_name_octet(char c) { return base::codec::is_alpha(c) || base::codec::is_digit(c); }

/// After '<' of a tag: where its '>' stands, or the end.
std::size_t tag_end(std::string_view html, std::size_t at) {
  char quote = 0;
  const std::size_t limit = std::min(html.size(), at + kMaxTag);
  for (std::size_t i = at; i < limit; ++i) {
    const char c = html[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      return i;
    }
  }
  return std::min(html.find('>', at), html.size());
}

/// Where `</name` stands, any case, from `at` on; the end when nowhere.
std::size_t find_close(std::string_view html, std::size_t at, std::string_view name) {
  while ((at = html.find("</", at)) != std::string_view::npos) {
    if (istarts_with_ascii(html.substr(at + 2), name)) return at;
    at += 2;
  }
  return html.size();
}

/// Zero-width and soft characters with which senders pad their preview text.
bool is_padding(char32_t c) {
  return (c >= 0x200B && c <= 0x200F) || c == 0xFEFF || c == 0xAD || c == 0x34F || c == 0x2060 || c == 0x2007;
}

class Stripper {
 public:
  Stripper(std::string_view html, std::size_t max_octets) : html_(html), max_(max_octets) {}

  std::string strip() {
    while (at_ < html_.size() && out_.size() < max_) {
      const char c = html_[at_];
      if (c == '<' && take_markup()) continue;
      if (c == '&') {
        std::string character;
        if (const std::size_t octets = take_html_reference(html_.substr(at_), character); octets > 0) {
          put(character);
          at_ += octets;
          continue;
        }
      }
      const auto next = std::min(html_.find_first_of("<&", at_ + 1), html_.size());
      put(html_.substr(at_, next - at_));
      at_ = next;
    }
    return std::string(base::codec::utf8_prefix(out_, max_));
  }

 private:
  /// At '<'. False: it is text.
  bool take_markup() {
    const auto rest = html_.substr(at_ + 1);
    if (rest.starts_with("!--")) {
      const auto end = html_.find("-->", at_ + 4);
      at_ = end == std::string_view::npos ? html_.size() : end + 3;
      return true;
    }
    const bool closing = rest.starts_with('/');
    const auto name_at = at_ + 1 + (closing ? 1 : 0);
    const bool markup = name_at < html_.size() &&
                        (base::codec::is_alpha(html_[name_at]) || rest.starts_with('!') || rest.starts_with('?'));
    if (!markup) return false;
    std::size_t name_end = name_at;
    while (name_end < html_.size() && is_name_octet(html_[name_end])) ++name_end;
    const auto name = html_.substr(name_at, name_end - name_at);
    at_ = std::min(tag_end(html_, name_end) + 1, html_.size());
    if (!is_inline(name)) put(" ");
    if (closing) return true;
    for (const auto unseen : kUnseen)
      if (base::codec::iequals_ascii(name, unseen)) at_ = find_close(html_, at_, unseen);
    return true;
  }

  static bool is_inline(std::string_view name) {
    for (const std::string_view tag :
         {"a", "b", "i", "u", "em", "strong", "span", "font", "small", "big", "sup", "sub", "code"})
      if (base::codec::iequals_ascii(name, tag)) return true;
    return false;
  }

  /// Appends text, white space collapsed and padding left out.
  void put(std::string_view text) {
    while (!text.empty() && out_.size() < max_) {
      const auto [code_point, octets] = base::codec::first_utf8_character(text);
      const auto take = std::max<std::size_t>(octets, 1);
      if (code_point <= ' ' || code_point == 0xA0 || (code_point >= 0x2000 && code_point <= 0x200A) || octets == 0) {
        if (!out_.empty() && out_.back() != ' ') out_.push_back(' ');
      } else if (!is_padding(code_point)) {
        out_.append(text.substr(0, take));
      }
      text.remove_prefix(take);
    }
  }

  std::string_view html_;
  std::size_t max_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string strip_html(std::string_view html_utf8, std::size_t max_octets) {
  return Stripper(html_utf8, max_octets).strip();
}

}  // namespace veredus::wire::mime
