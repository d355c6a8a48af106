#include <algorithm>

#include "wire/imap/flag.h"
#include "wire/imap/reply.h"

namespace veredus::wire::imap {

std::string code_number(std::string_view name, std::uint64_t number) {
  std::string code(name);
  code.push_back(' ');
  append_number(code, number);
  return code;
}

std::string code_appenduid(std::uint32_t uid_validity, std::span<const std::uint32_t> uids) {
  auto code = code_number("APPENDUID", uid_validity);
  code.push_back(' ');
  append_numbers_in_order(code, uids);
  return code;
}

std::string code_copyuid(std::uint32_t uid_validity, std::span<const std::uint32_t> from,
                         std::span<const std::uint32_t> to) {
  auto code = code_number("COPYUID", uid_validity);
  code.push_back(' ');
  append_numbers_in_order(code, from);
  code.push_back(' ');
  append_numbers_in_order(code, to);
  return code;
}

std::string code_modified(std::span<const SequenceRange> set) {
  std::string code = "MODIFIED ";
  append_ranges(code, set);
  return code;
}

std::string code_mailboxid(std::string_view object_id) { return "MAILBOXID (" + std::string(object_id) + ")"; }

std::string code_permanentflags(std::uint8_t flags, std::span<const std::string> keywords, NewKeywords new_keywords) {
  std::string code = "PERMANENTFLAGS ";
  append_flag_list(code, flags, keywords);
  if (new_keywords == NewKeywords::kRefused) return code;
  code.pop_back();
  if (!code.ends_with('(')) code.push_back(' ');
  return code + "\\*)";
}

std::string code_inprogress(std::string_view tag, std::optional<std::uint64_t> done,
                            std::optional<std::uint64_t> total) {
  std::string code = "INPROGRESS (";
  append_string(code, tag);
  for (const auto& number : {done, total}) {
    code.push_back(' ');
    if (number) {
      append_number(code, *number);
    } else {
      code.append("NIL");
    }
  }
  return code + ")";
}

std::string code_messagelimit(std::uint64_t limit, std::optional<std::uint32_t> from) {
  auto code = code_number("MESSAGELIMIT", limit);
  if (!from) return code;
  code.push_back(' ');
  append_number(code, *from);
  return code;
}

}  // namespace veredus::wire::imap
