#include "wire/mime/structure.h"

#include <algorithm>

namespace veredus::wire::mime {

std::string filename(const Part& part, Undeclared undeclared) {
  std::string name = parameter_utf8(part.disposition.parameters, "filename", undeclared);
  if (name.empty()) name = parameter_utf8(part.content_type.parameters, "name", undeclared);
  return name;
}

std::vector<std::string> part_numbers(const Structure& structure) {
  // RFC 9051 s6.4.5: children of a multipart are counted below it; the body of a message is 1 below it, unless that is
  // a multipart, whose children are then counted in its place.
  std::vector<std::string> numbers(structure.parts.size());
  std::vector<std::string> prefixes(structure.parts.size());  // of what is inside each part, with its dot
  std::vector<std::uint32_t> ordinals(structure.parts.size(), 0);
  for (std::size_t i = 0; i < structure.parts.size(); ++i) {
    const Part& part = structure.parts[i];
    const bool is_message_root = part.parent == kNoPart || structure.parts[part.parent].kind == PartKind::kMessage;
    const std::string prefix = part.parent == kNoPart ? std::string() : prefixes[part.parent];
    if (is_message_root && part.kind == PartKind::kMultipart) {
      prefixes[i] = prefix;
      continue;
    }
    const std::uint32_t ordinal = part.parent == kNoPart ? 1 : ++ordinals[part.parent];
    numbers[i] = prefix + std::to_string(ordinal);
    prefixes[i] = numbers[i] + '.';
  }
  return numbers;
}

}  // namespace veredus::wire::mime
