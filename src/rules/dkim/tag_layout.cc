#include "rules/dkim/tag_layout.h"

#include <algorithm>

#include "base/codec/base64.h"

namespace veredus::rules::dkim {

namespace {

constexpr std::size_t kLineOctets = 76;
constexpr std::string_view kFold = "\r\n\t";
constexpr std::size_t kFoldedColumn = 8;  // where a tab leads
constexpr std::string_view kSignatureTag = "\tb=";
constexpr std::size_t kSignatureOctets = 72;  // in a line, "b=" with them

/// Puts a list with ':' between its words on as many lines as it takes.
void append_list(std::string& out, std::size_t& column, std::string_view list) {
  while (!list.empty()) {
    const auto end = std::min(list.find(':'), list.size() - 1) + 1;
    if (column + end > kLineOctets) {
      out += kFold;
      column = kFoldedColumn;
    }
    out += list.substr(0, end);
    column += end;
    list.remove_prefix(end);
  }
}

}  // namespace

std::string lay_out_tags(std::string_view name, const Tags& tags) {
  std::string out(name);
  out += ':';
  std::size_t column = out.size();
  bool own_line = false;
  for (const auto& [tag, value] : tags) {
    if (&tag != &tags.front().first) out += ';';
    const bool is_signature = tag == "b";
    const auto octets = tag.size() + 1 + value.size();
    if (is_signature || own_line || column + octets + 2 > kLineOctets) {
      out += kFold;
      column = kFoldedColumn;
    } else {
      out += ' ';
      ++column;
    }
    own_line = is_signature;
    out += tag;
    out += '=';
    column += tag.size() + 1;
    if (!is_signature) append_list(out, column, value);
  }
  return out;
}

void set_signature(std::string& field, std::string_view signature, Folds folds) {
  std::string text = base::codec::base64_encode(signature);
  for (std::size_t at = kSignatureOctets - 2; folds == Folds::kInside && at < text.size();
       at += kSignatureOctets + kFold.size())
    text.insert(at, kFold);
  field.insert(field.find(kSignatureTag) + kSignatureTag.size(), text);
}

}  // namespace veredus::rules::dkim
