#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "wire/mime/imap_grammar.h"
#include "wire/mime/message.h"
#include "wire/mime/part_table.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"

using namespace veredus::wire::mime;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  if (size < 2) return 0;
  const Limits limits{.depth = 1U + octets[0] % 70, .parts = 1U + octets[0], .header_octets = 4'096};
  const std::size_t piece = 1U + octets[1];
  const std::string_view message(reinterpret_cast<const char*>(octets) + 2, size - 2);
  const Structure structure = parse(message, limits);
  for (const Part& part : structure.parts) {
    VEREDUS_CHECK(part.header_begin <= part.body_begin && part.body_begin <= part.body_end &&
                  part.body_end <= message.size());
    VEREDUS_CHECK((part.kind == PartKind::kLeaf) == (part.first_child == kNoPart));
    if (part.parent == kNoPart) continue;
    const Part& above = structure.parts[part.parent];
    VEREDUS_CHECK(part.header_begin >= above.body_begin && part.body_end <= above.body_end);
    if (part.next_sibling != kNoPart) VEREDUS_CHECK(structure.parts[part.next_sibling].header_begin >= part.body_end);
  }
  const Summary summary = summarize(structure);
  VEREDUS_CHECK(test::ImapGrammar::is_envelope(summary.envelope));
  VEREDUS_CHECK(test::ImapGrammar::is_body(summary.body, false));
  VEREDUS_CHECK(test::ImapGrammar::is_body(summary.bodystructure, true));
  VEREDUS_CHECK(decode_part_table(summary.part_table)->size() == structure.parts.size());
  VEREDUS_CHECK(veredus::base::codec::is_valid_utf8(summary.preview + summary.subject_utf8));
  VEREDUS_CHECK(veredus::base::codec::is_valid_utf8(readable_text(structure, message)));
  StructureParser parser(limits);
  for (std::size_t at = 0; at < message.size(); at += piece) parser.feed(message.substr(at, piece));
  const Summary again = summarize(parser.finish());
  VEREDUS_CHECK(again.part_table == summary.part_table && again.bodystructure == summary.bodystructure);
  VEREDUS_CHECK(again.preview == summary.preview && again.envelope == summary.envelope);
  return 0;
}
