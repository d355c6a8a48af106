#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/codec/utf8.h"
#include "support/suite_files.h"
#include "wire/mime/imap_grammar.h"
#include "wire/mime/message.h"
#include "wire/mime/part_table.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"

namespace veredus::wire::mime {
namespace {

/// What must hold for every message there is.
void expect_sound(const std::string& message) {
  const Structure structure = parse(message);
  const Summary summary = summarize(structure);
  EXPECT_TRUE(test::ImapGrammar::is_envelope(summary.envelope)) << summary.envelope;
  EXPECT_TRUE(test::ImapGrammar::is_body(summary.body, false)) << summary.body;
  EXPECT_TRUE(test::ImapGrammar::is_body(summary.bodystructure, true)) << summary.bodystructure;
  EXPECT_TRUE(base::codec::is_valid_utf8(summary.preview));
  EXPECT_TRUE(base::codec::is_valid_utf8(readable_text(structure, message)));
  EXPECT_EQ(decode_part_table(summary.part_table).value_or(std::vector<PartEntry>()).size(), structure.parts.size());
  StructureParser parser;
  for (std::size_t at = 0; at < message.size(); at += 7) parser.feed(std::string_view(message).substr(at, 7));
  EXPECT_EQ(summarize(parser.finish()).part_table, summary.part_table);
}

TEST(SuiteMessages, AllAreSound) {
  int read = 0;
  for (const auto* const name : {"mime-enmime", "mime-nodemailer", "mime-stalwart", "dkim-matrix", "bounces", "arf"}) {
    const auto folder = veredus::test::suite(name);
    if (folder.empty()) continue;
    for (const auto* const extension : {".eml", ".raw", ".golden"})
      for (const auto& file : veredus::test::files_with(folder, extension)) {
        SCOPED_TRACE(file.string());
        expect_sound(veredus::test::read_whole(file));
        ++read;
      }
  }
  if (read == 0) GTEST_SKIP() << "the suites are not there";
  std::printf("suite messages: %d read, all sound\n", read);
}

}  // namespace
}  // namespace veredus::wire::mime
