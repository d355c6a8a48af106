#include "wire/mime/html_text.h"

#include <gumbo.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "base/codec/ascii.h"

namespace veredus::wire::mime {
namespace {

constexpr std::size_t kMaxParsed = 1024 * 1024;
constexpr std::size_t kMaxTags = 60'000;
constexpr int kMaxNesting = 200;
constexpr int kMaxFormatting = 24;

/// Elements that a parser opens again in every following block until they are closed, each on its own: n of them over m
/// blocks make n*m nodes.
constexpr std::array<std::string_view, 14> kFormatting = {"a",    "b", "big",   "code",   "em",     "font", "i",
                                                          "nobr", "s", "small", "strike", "strong", "tt",   "u"};
/// Elements that need no end tag.
constexpr std::array<std::string_view, 25> kUnclosed = {
    "p",    "li",   "td",  "th",   "tr",  "dd",   "dt",   "option", "br",    "hr",     "img",   "input", "meta",
    "link", "base", "col", "area", "wbr", "body", "html", "head",   "tbody", "source", "param", "thead"};

/// Judges from the tags alone, in one pass, whether gumbo can take the page in reasonable time and stack.
class TamenessJudge {
 public:
  bool is_tame(std::string_view html) {
    if (html.size() > kMaxParsed) return false;
    for (std::size_t at = html.find('<'); at != std::string_view::npos; at = html.find('<', at + 1)) {
      const bool closing = at + 1 < html.size() && html[at + 1] == '/';
      std::size_t end = at + 1 + (closing ? 1 : 0);
      const std::size_t begin = end;
      while (end < html.size() && end - begin < 12 && base::codec::is_alpha(html[end])) ++end;
      if (end > begin && !count(base::codec::to_lower_ascii(html.substr(begin, end - begin)), closing)) return false;
    }
    return true;
  }

 private:
  bool count(std::string_view name, bool closing) {
    if (++tags_ > kMaxTags) return false;
    if (const auto* found = std::ranges::find(kFormatting, name); found != kFormatting.end()) {
      int& open = open_[static_cast<std::size_t>(found - kFormatting.begin())];
      if (!closing) {
        ++formatting_;
        ++open;
      } else if (open > 0) {
        --formatting_;
        --open;
      }
    } else if (std::ranges::find(kUnclosed, name) == kUnclosed.end()) {
      nesting_ = std::max(0, nesting_ + (closing ? -1 : 1));
    }
    return nesting_ <= kMaxNesting && formatting_ <= kMaxFormatting;
  }

  std::size_t tags_ = 0;
  int nesting_ = 0;
  int formatting_ = 0;
  std::array<int, kFormatting.size()> open_{};
};

struct FreeTree {
  void operator()(GumboOutput* output) const { gumbo_destroy_output(&kGumboDefaultOptions, output); }
};

bool is_unseen(GumboTag tag) {
  return tag == GUMBO_TAG_SCRIPT || tag == GUMBO_TAG_STYLE || tag == GUMBO_TAG_HEAD || tag == GUMBO_TAG_TITLE ||
         tag == GUMBO_TAG_TEMPLATE || tag == GUMBO_TAG_NOSCRIPT || tag == GUMBO_TAG_SVG;
}

bool is_block(GumboTag tag) {
  switch (tag) {
    case GUMBO_TAG_P:
    case GUMBO_TAG_DIV:
    case GUMBO_TAG_TABLE:
    case GUMBO_TAG_TR:
    case GUMBO_TAG_UL:
    case GUMBO_TAG_OL:
    case GUMBO_TAG_LI:
    case GUMBO_TAG_DL:
    case GUMBO_TAG_DT:
    case GUMBO_TAG_DD:
    case GUMBO_TAG_H1:
    case GUMBO_TAG_H2:
    case GUMBO_TAG_H3:
    case GUMBO_TAG_H4:
    case GUMBO_TAG_H5:
    case GUMBO_TAG_H6:
    case GUMBO_TAG_PRE:
    case GUMBO_TAG_BLOCKQUOTE:
    case GUMBO_TAG_SECTION:
    case GUMBO_TAG_ARTICLE:
    case GUMBO_TAG_HEADER:
    case GUMBO_TAG_FOOTER:
    case GUMBO_TAG_HR:
    case GUMBO_TAG_FORM:
    case GUMBO_TAG_CENTER:
      return true;
    default:
      return false;
  }
}

bool wants_empty_line(GumboTag tag) {
  return tag == GUMBO_TAG_P || tag == GUMBO_TAG_TABLE || tag == GUMBO_TAG_BLOCKQUOTE || tag == GUMBO_TAG_UL ||
         tag == GUMBO_TAG_OL || (tag >= GUMBO_TAG_H1 && tag <= GUMBO_TAG_H6);
}

/// Collects text while the tree is walked.
class TextWriter {
 public:
  void enter(const GumboElement& element) {
    if (is_block(element.tag)) break_line(wants_empty_line(element.tag));
    if (element.tag == GUMBO_TAG_LI) out_ += "- ";
    if (element.tag == GUMBO_TAG_PRE) ++preformatted_;
    if (element.tag == GUMBO_TAG_BR) out_.push_back('\n');
    if (element.tag == GUMBO_TAG_TD || element.tag == GUMBO_TAG_TH) space();
    if (element.tag == GUMBO_TAG_A) anchor_ = out_.size();
    if (element.tag == GUMBO_TAG_IMG) {
      if (const auto* alt = gumbo_get_attribute(&element.attributes, "alt")) text(alt->value);
    }
  }

  void leave(const GumboElement& element) {
    if (element.tag == GUMBO_TAG_PRE) --preformatted_;
    if (element.tag == GUMBO_TAG_A) append_address(element);
    if (is_block(element.tag)) break_line(wants_empty_line(element.tag));
  }

  void text(std::string_view piece) {
    if (preformatted_ > 0) {
      out_ += piece;
      return;
    }
    for (std::size_t i = 0; i < piece.size(); ++i) {
      const bool no_break = piece.substr(i).starts_with("\xC2\xA0");
      if (no_break || static_cast<unsigned char>(piece[i]) <= ' ') {
        space();
        if (no_break) ++i;
      } else {
        out_.push_back(piece[i]);
      }
    }
  }

  std::string finish() {
    const auto first = out_.find_first_not_of(" \n");
    if (first == std::string::npos) return {};
    const auto last = out_.find_last_not_of(" \n");
    return out_.substr(first, last - first + 1) + '\n';
  }

 private:
  void space() {
    if (!out_.empty() && out_.back() != ' ' && out_.back() != '\n') out_.push_back(' ');
  }

  void break_line(bool empty_line) {
    while (out_.ends_with(' ')) out_.pop_back();
    if (out_.empty()) return;
    if (!out_.ends_with('\n')) out_.push_back('\n');
    if (empty_line && !out_.ends_with("\n\n")) out_.push_back('\n');
  }

  void append_address(const GumboElement& element) {
    const auto* href = gumbo_get_attribute(&element.attributes, "href");
    if (href == nullptr) return;
    const std::string_view address = href->value;
    const bool is_link = address.starts_with("http") || address.starts_with("mailto:");
    const std::string_view shown = std::string_view(out_).substr(std::min(anchor_, out_.size()));
    if (!is_link || shown.empty() || shown.contains(address) || address.ends_with(base::codec::trim_ascii(shown)))
      return;
    out_ += " <";
    out_ += address;
    out_ += '>';
  }

  std::string out_;
  std::size_t anchor_ = 0;
  int preformatted_ = 0;
};

const GumboVector* children_of(const GumboNode* node) {
  if (node->type == GUMBO_NODE_DOCUMENT) return &node->v.document.children;
  if (node->type == GUMBO_NODE_ELEMENT && !is_unseen(node->v.element.tag)) return &node->v.element.children;
  return nullptr;
}

/// Depth first without recursion: a page decides how deep it is.
std::string text_of(const GumboNode* document) {
  struct Step {
    const GumboNode* node;
    unsigned next_child;
  };
  TextWriter writer;
  std::vector<Step> steps{{document, 0}};
  while (!steps.empty()) {
    Step& step = steps.back();
    const GumboNode* const node = step.node;
    const GumboVector* const children = children_of(node);
    if (step.next_child == 0 && node->type == GUMBO_NODE_ELEMENT && children != nullptr) writer.enter(node->v.element);
    if (node->type == GUMBO_NODE_TEXT || node->type == GUMBO_NODE_WHITESPACE || node->type == GUMBO_NODE_CDATA)
      writer.text(node->v.text.text);
    if (children != nullptr && step.next_child < children->length) {
      steps.push_back({static_cast<const GumboNode*>(children->data[step.next_child++]), 0});
      continue;
    }
    if (node->type == GUMBO_NODE_ELEMENT && children != nullptr) writer.leave(node->v.element);
    steps.pop_back();
  }
  return writer.finish();
}

}  // namespace

std::string html_to_text(std::string_view html_utf8) {
  if (!TamenessJudge().is_tame(html_utf8)) return strip_html(html_utf8, html_utf8.size());
  const std::unique_ptr<GumboOutput, FreeTree> output(
      gumbo_parse_with_options(&kGumboDefaultOptions, html_utf8.data(), html_utf8.size()));
  return output ? text_of(output->document) : strip_html(html_utf8, html_utf8.size());
}

}  // namespace veredus::wire::mime
