#include "wire/imap/flag.h"

#include <algorithm>
#include <array>
#include <bit>

#include "base/codec/ascii.h"
#include "wire/imap/cursor.h"

namespace veredus::wire::imap {
namespace {

struct SystemName {
  std::string_view name;
  std::uint8_t bit;
};
constexpr std::array<SystemName, 6> kSystemFlags = {{{"\\Answered", kAnswered},
                                                     {"\\Flagged", kFlagged},
                                                     {"\\Deleted", kDeleted},
                                                     {"\\Seen", kSeen},
                                                     {"\\Draft", kDraft},
                                                     {"\\Recent", kRecentFlag}}};

constexpr std::size_t kComparedKeywords = 128;  // no mailbox has more

struct Ready {
  char text[64];
  std::uint8_t size;
};

/// What stands between the parentheses for each set of system flags, made by the compiler: FLAGS of a whole mailbox is
/// what mail programs ask most.
constexpr auto kReady = [] {
  std::array<Ready, 64> ready{};
  for (std::size_t bits = 0; bits < ready.size(); ++bits) {
    auto& [text, size] = ready[bits];
    for (const auto& [name, bit] : kSystemFlags) {
      if ((bits & bit) == 0) continue;
      if (size > 0) text[size++] = ' ';
      for (const char c : name) text[size++] = c;
    }
  }
  return ready;
}();

/// Appends the system flags. Answers whether there were any.
bool append_system(std::string& out, std::uint8_t system) {
  const auto& [text, size] = kReady[system & 63];
  out.append(text, size);
  return size > 0;
}

}  // namespace

std::expected<void, CommandError> add_flag(FlagList& flags, std::string_view flag) {
  if (flag.starts_with('\\')) {
    for (const auto& [name, bit] : kSystemFlags) {
      if (!base::codec::iequals_ascii(flag, name)) continue;
      flags.system |= static_cast<std::uint8_t>(bit & ~kRecentFlag);
      return {};
    }
    return std::unexpected(CommandError::kFlag);
  }
  if (flag.empty() || !std::ranges::all_of(flag, [](char c) { return is_atom_char(c) || c == ']'; }))
    return std::unexpected(CommandError::kFlag);
  const auto is_same = [flag](std::string_view keyword) { return base::codec::iequals_ascii(keyword, flag); };
  const auto first = std::span(flags.keywords).first(std::min(flags.keywords.size(), kComparedKeywords));
  if (std::ranges::none_of(first, is_same)) flags.keywords.emplace_back(flag);
  return {};
}

void append_flag_list(std::string& out, std::uint8_t system, std::span<const std::string> keywords) {
  out.push_back('(');
  bool any = append_system(out, system);
  for (const auto& keyword : keywords) {
    if (any) out.push_back(' ');
    out.append(keyword);
    any = true;
  }
  out.push_back(')');
}

void append_flag_list(std::string& out, std::uint8_t system, std::span<const std::string> table, std::uint64_t low,
                      std::uint64_t high) {
  out.push_back('(');
  bool any = append_system(out, system);
  for (std::size_t base = 0; base < 128; base += 64) {
    for (auto bits = base == 0 ? low : high; bits != 0; bits &= bits - 1) {
      const auto index = base + static_cast<std::size_t>(std::countr_zero(bits));
      if (index >= table.size()) break;
      if (any) out.push_back(' ');
      out.append(table[index]);
      any = true;
    }
  }
  out.push_back(')');
}

}  // namespace veredus::wire::imap
