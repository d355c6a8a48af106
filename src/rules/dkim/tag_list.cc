#include "rules/dkim/tag_list.h"

#include <algorithm>

#include "base/codec/ascii.h"

namespace veredus::rules::dkim {

namespace codec = base::codec;

namespace {

constexpr std::size_t kMostTags = 64;

/// tag-name = ALPHA *ALNUMPUNC; ALNUMPUNC = ALPHA / DIGIT / "_"
bool is_tag_name(std::string_view name) {
  return !name.empty() && codec::is_alpha(name.front()) &&
         std::ranges::all_of(name, [](char c) { return codec::is_alpha(c) || codec::is_digit(c) || c == '_'; });
}

}  // namespace

std::expected<TagList, TagList::Error> TagList::parse(std::string_view text) {
  TagList out;
  out.tags_.reserve(16);
  // tag-list = tag-spec *( ";" tag-spec ) [ ";" ]: white space may follow the last ';', but no other
  while (!codec::trim_ascii(text).empty()) {
    const auto end = std::min(text.find(';'), text.size());
    const auto spec = codec::trim_ascii(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto sign = spec.find('=');
    if (sign == std::string_view::npos) return std::unexpected(Error::kSyntax);
    const auto name = codec::trim_ascii(spec.substr(0, sign));
    if (!is_tag_name(name)) return std::unexpected(Error::kSyntax);
    if (out.find(name)) return std::unexpected(Error::kRepeated);
    if (out.tags_.size() == kMostTags) return std::unexpected(Error::kTooMany);
    out.tags_.push_back({.name = name, .value = codec::trim_ascii(spec.substr(sign + 1))});
  }
  return out;
}

std::optional<std::string_view> TagList::find(std::string_view name) const {
  const auto found = std::ranges::find(tags_, name, &Tag::name);
  if (found == tags_.end()) return std::nullopt;
  return found->value;
}

std::string without_white_space(std::string_view text) {
  std::string out;
  out.resize_and_overwrite(text.size(), [text](char* to, std::size_t) {
    std::size_t kept = 0;
    for (const char c : text) {
      to[kept] = c;
      kept += c != ' ' && c != '\t' && c != '\r' && c != '\n' ? 1 : 0;
    }
    return kept;
  });
  return out;
}

std::vector<std::string_view> split_list(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  out.reserve(static_cast<std::size_t>(std::ranges::count(text, separator)) + 1);
  while (true) {
    const auto at = text.find(separator);
    out.push_back(codec::trim_ascii(text.substr(0, at)));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

}  // namespace veredus::rules::dkim
