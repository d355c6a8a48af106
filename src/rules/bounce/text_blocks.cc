#include "rules/bounce/text_blocks.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/codec/ascii.h"
#include "rules/bounce/reply_codes.h"

namespace veredus::rules::bounce {
namespace {

using base::codec::iequals_ascii;
using base::codec::istarts_with_ascii;
using base::codec::trim_ascii;

constexpr std::size_t kMaxBlocks = 256;
constexpr std::size_t kMaxLines = 4096;
constexpr std::size_t kMaxParagraphs = 24;

/// How a line names a recipient, from the surest form to the loosest. Only the surest form found in a text counts.
enum class Form : std::uint8_t {
  kOwnLine,   // the line begins with the address: `<a@b>:`, `a@b`, `* a@b`, `a@b: 550 …`
  kReply,     // `550 5.1.1 <a@b>... User unknown`
  kSentence,  // "Could not be delivered to: <a@b>"
};

struct Head {
  Form form;
  std::string address;
  std::string_view rest;  // of the line
};

/// Sentences that end in a recipient. Lower case.
constexpr std::array kSentences = std::to_array<std::string_view>({
    "delivered to:",
    "delivered to",
    "delivering your mail to",
    "deliver message to:",
    "deliver message to",
    "deliver your message to",
    "deliver mail to",
    "delivery to:",
    "recipient:",
    "recipients:",
    "rcpt to:",
    "unknown user:",
    "userid:",
    "attempts:",
    "errors:",
    "your message to",
    "message to",
    "user unknown:",
    "no such user:",
    "mailing list",
    "invalid address:",
    "following address failed:",
});

std::string_view token_at_front(std::string_view text) {
  if (text.starts_with('<')) {
    const auto close = text.find('>');
    return close == std::string_view::npos ? std::string_view() : text.substr(0, close + 1);
  }
  if (text.starts_with('"')) {
    const auto close = text.find('"', 1);
    if (close == std::string_view::npos) return {};
    const auto end =
        close + 1 < text.size() && text[close + 1] == '@' ? text.find_first_of(" \t:,;>", close) : close + 1;
    return text.substr(0, end);
  }
  return text.substr(0, text.find_first_of(" \t<>()[],;\"'"));
}

std::string_view bare(std::string_view token) {
  token = trim_ascii(token, "<>\"'.,:; \t");
  if (istarts_with_ascii(token, "mailto:")) token.remove_prefix(7);
  return token;
}

/// Marks that may stand before an address that begins a line.
std::string_view without_bullets(std::string_view line) {
  while (true) {
    line = trim_ascii(line);
    if (line.starts_with("* ") || line.starts_with("- ") || line.starts_with("> ")) {
      line.remove_prefix(2);
    } else if (line.starts_with("->") && line.size() > 2 && line[2] != '>') {
      line.remove_prefix(2);
    } else if (line.starts_with(">>> ") && line.contains('@') && !line.contains(" FROM:") && !line.contains(" From:") &&
               !line.contains(" TO:") && !line.contains(" To:")) {
      line.remove_prefix(4);
    } else {
      return line;
    }
  }
}

/// Words of a person's sentence after the address mean that the line only mentions it.
bool is_prose(std::string_view rest) {
  rest = trim_ascii(rest);
  if (rest.empty()) return false;
  for (const std::string_view verb : {"is ", "was ", "has ", "for ", "and ", "or ", "if ", "to ", "with "})
    if (istarts_with_ascii(rest, verb)) return true;
  return false;
}

std::optional<Head> own_line(std::string_view line) {
  line = without_bullets(line);
  const auto token = token_at_front(line);
  const auto address = bare(token);
  if (!looks_like_address(address)) return std::nullopt;
  auto rest = trim_ascii(line.substr(token.size()));
  if (token.ends_with(':') || rest.empty()) return Head{Form::kOwnLine, std::string(address), rest};
  if (is_prose(rest)) return std::nullopt;
  if (rest.starts_with(':')) rest.remove_prefix(1);
  return Head{Form::kOwnLine, std::string(address), rest};
}

std::optional<Head> in_reply(std::string_view line) {
  line = trim_ascii(line);
  if (line.starts_with("<<<") || line.starts_with(">>>")) return std::nullopt;
  const auto codes = find_reply_codes(line.substr(0, 4));
  if (codes.code < 400) return std::nullopt;
  const auto open = line.find('<');
  if (open == std::string_view::npos || open > 24) return std::nullopt;
  const auto token = token_at_front(line.substr(open));
  if (!looks_like_address(bare(token))) return std::nullopt;
  return Head{Form::kReply, std::string(bare(token)), line};
}

std::optional<Head> in_sentence(std::string_view line) {
  const std::string lower = base::codec::to_lower_ascii(line);
  for (const auto sentence : kSentences) {
    const auto at = lower.find(sentence);
    if (at == std::string::npos) continue;
    auto after = trim_ascii(line.substr(at + sentence.size()));
    const auto token = token_at_front(after);
    if (!looks_like_address(bare(token))) continue;
    return Head{Form::kSentence, std::string(bare(token)), line};
  }
  return std::nullopt;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kMaxLines) {
    const auto end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool is_office(std::string_view address) {
  const auto local = address.substr(0, address.find('@'));
  for (const std::string_view office : {"postmaster", "mailer-daemon", "abuse", "support", "hostmaster"})
    if (iequals_ascii(local, office)) return true;
  return false;
}

using Heads = std::vector<std::optional<Head>>;

Heads heads_of(const std::vector<std::string_view>& lines, std::string_view sender, bool offices) {
  Heads heads(lines.size());
  std::optional<Form> surest;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto& head = heads[i];
    head = own_line(lines[i]);
    if (!head) head = in_reply(lines[i]);
    if (!head) head = in_sentence(lines[i]);
    if (head && (iequals_ascii(head->address, sender) || (!offices && is_office(head->address)))) head.reset();
    if (head && (!surest || head->form < *surest)) surest = head->form;
  }
  for (auto& head : heads)
    if (head && head->form != *surest) head.reset();
  return heads;
}

void add_line(TextBlock& block, std::string_view line, bool& new_paragraph) {
  if (trim_ascii(line).empty()) {
    new_paragraph = true;
    return;
  }
  if (block.paragraphs.empty() || (new_paragraph && block.paragraphs.size() < kMaxParagraphs)) {
    block.paragraphs.emplace_back();
  }
  auto& paragraph = block.paragraphs.back();
  if (!paragraph.empty()) paragraph.push_back('\n');
  paragraph.append(line);
  new_paragraph = false;
}

TextBlock* block_of(std::vector<TextBlock>& blocks, std::string_view address) {
  const auto found =
      std::ranges::find_if(blocks, [&](const TextBlock& block) { return iequals_ascii(block.recipient, address); });
  return found == blocks.end() ? nullptr : &*found;
}

std::vector<TextBlock> blocks_below(const std::vector<std::string_view>& lines, const Heads& heads) {
  std::vector<TextBlock> blocks;
  TextBlock* block = nullptr;
  bool new_paragraph = false;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (!heads[i]) {
      if (block != nullptr) add_line(*block, lines[i], new_paragraph);
      continue;
    }
    block = block_of(blocks, heads[i]->address);
    if (block == nullptr && blocks.size() < kMaxBlocks) {
      blocks.push_back({.recipient = heads[i]->address, .paragraphs = {}});
      block = &blocks.back();
    }
    new_paragraph = true;
    if (block != nullptr && !heads[i]->rest.empty()) add_line(*block, heads[i]->rest, new_paragraph);
    new_paragraph = false;
  }
  return blocks;
}

/// The lines since the last recipient belong to this one.
std::vector<TextBlock> blocks_above(const std::vector<std::string_view>& lines, const Heads& heads) {
  std::vector<TextBlock> blocks;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < lines.size() && blocks.size() < kMaxBlocks; ++i) {
    if (!heads[i]) continue;
    if (block_of(blocks, heads[i]->address) == nullptr)
      blocks.push_back({.recipient = heads[i]->address, .paragraphs = {}});
    TextBlock& block = *block_of(blocks, heads[i]->address);
    bool new_paragraph = false;
    for (std::size_t line = begin; line < i; ++line)
      if (istarts_with_ascii(trim_ascii(lines[line], " ."), "while talking to")) begin = line;  // another session
    for (std::size_t line = begin; line <= i; ++line) add_line(block, lines[line], new_paragraph);
    begin = i + 1;
  }
  return blocks;
}

}  // namespace

bool looks_like_address(std::string_view text) {
  const auto at = text.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 >= text.size() || text.size() > 320) return false;
  const auto domain = text.substr(at + 1);
  if (domain.starts_with('.') || domain.ends_with('.') || domain.starts_with('-')) return false;
  const bool good_domain = std::ranges::all_of(domain, [](char c) {
    return base::codec::is_alpha(c) || base::codec::is_digit(c) || c == '.' || c == '-' || c == '_' || c == '[' ||
           c == ']' || static_cast<unsigned char>(c) > 127;
  });
  const auto local = text.substr(0, at);
  return good_domain &&
         local.find_first_of("<>()[],;:\\ \t=\"") == (local.starts_with('"') ? 0 : std::string_view::npos);
}

std::vector<TextBlock> find_blocks(std::string_view text, std::string_view sender) {
  const auto lines = lines_of(text);
  Heads heads = heads_of(lines, sender, false);
  if (std::ranges::none_of(heads, [](const auto& head) { return head.has_value(); }))
    heads = heads_of(lines, sender, true);
  // A transcript names the recipient below what the server said of it.
  const bool below = std::ranges::any_of(heads, [](const auto& head) { return head && head->form == Form::kReply; });
  return below ? blocks_above(lines, heads) : blocks_below(lines, heads);
}

std::vector<std::string> find_addresses(std::string_view text) {
  std::vector<std::string> found;
  while (!text.empty() && found.size() < kMaxBlocks) {
    const auto begin = text.find_first_not_of(" \t\n,;<>()[]");
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(" \t\n,;<>()[]"), text.size());
    const auto word = bare(text.substr(0, end));
    if (looks_like_address(word)) found.emplace_back(word);
    text.remove_prefix(end);
  }
  return found;
}

}  // namespace veredus::rules::bounce
