#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>

#include "base/types/result.h"
#include "doors/imap/header_filter.h"
#include "doors/imap/section.h"
#include "wire/imap/command_reader.h"
#include "wire/mime/structure_parser.h"

namespace imap = veredus::doors::imap;
namespace grammar = veredus::wire::imap;

/// The first line names sections as FETCH does, the rest is the message. Whatever both are, a section is within it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  std::string_view message(reinterpret_cast<const char*>(octets), size);
  const auto items = message.substr(0, message.find('\n'));
  message.remove_prefix(std::min(items.size() + 1, message.size()));
  grammar::CommandReader reader{grammar::ReaderOptions()};
  auto step = reader.feed_line("a FETCH 1 (" + std::string(items) + ")");
  const auto* complete = std::get_if<grammar::Complete>(&step);
  const auto* fetch = complete == nullptr ? nullptr : std::get_if<grammar::Fetch>(&complete->command.what);
  if (fetch == nullptr) return 0;
  veredus::wire::mime::StructureParser parser;
  parser.feed(message);
  const auto parts = veredus::wire::mime::decode_part_table(veredus::wire::mime::encode_part_table(parser.finish()));
  VEREDUS_CHECK(parts);
  for (const auto& item : fetch->items) {
    const auto place = imap::locate(item.section, *parts, message.size());
    VEREDUS_CHECK(place.begin <= place.end && place.end <= message.size());
    const auto part = imap::clip(imap::OctetSpan{place.begin, place.end}, item.range);
    VEREDUS_CHECK(place.begin <= part.begin && part.begin <= part.end && part.end <= place.end);
    if (place.kind != imap::SectionPlace::Kind::kFields) continue;
    const imap::FieldNames names(item.section.fields);
    imap::HeaderFilter filter(message.substr(place.begin, place.end - place.begin), &names, item.section.text);
    while (filter.step()) continue;
    VEREDUS_CHECK(filter.take().ends_with("\r\n"));
  }
  return 0;
}
