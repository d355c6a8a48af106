#include "state/mailbox/rows.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "base/codec/hex.h"
#include "state/mailbox/uid_set.h"

namespace veredus::state::mailbox::rows {
namespace {

SystemTime at(std::int64_t ms) { return SystemTime(std::chrono::milliseconds(ms)); }

AccountRow sample_account() { return {MailboxId(7), UidValidity(1'767'225'601), EmailId(99), {12'345, 67}, ModSeq(5)}; }

MailboxRow sample_mailbox() {
  MailboxRow row;
  row.special_use = SpecialUse::kSent;
  row.uid_validity = UidValidity(1'767'225'600);
  row.uid_next = Uid(12);
  row.first_recent = Uid(11);
  row.created_modseq = ModSeq(1);
  row.highest_modseq = ModSeq(300);
  row.deleted_modseq = ModSeq(200);
  row.counts = {10, 3, 1, 1'234'567};
  row.has_flag_pages = true;
  row.name = "Work/Caf\xC3\xA9";
  row.keywords = {"$Forwarded", "todo"};
  return row;
}

Message sample_message() {
  Message message;
  message.uid = Uid(11);
  message.modseq = ModSeq(300);
  message.created_modseq = ModSeq(299);
  message.flags = {Flag::kSeen, Flag::kDraft};
  message.keywords = KeywordSet(1, 0x8000000000000000);
  message.internal_date = at(1'767'225'600'123);
  message.saved_at = at(1'767'225'600'456);
  message.body = {EmailId(0x0102030405060708), 2'048, 2'048};
  return message;
}

FlagPage sample_flag_page() {
  FlagPage page;
  page.append({Uid(2048), Uid(2050), {Flag::kSeen}, {}, ModSeq(300)});
  page.append({Uid(2051), Uid(2051), {Flag::kSeen}, KeywordSet(5, 1), ModSeq(300)});
  page.append({Uid(2900), Uid(3071), {}, {}, ModSeq(299)});
  return page;
}

TablePart sample_table_part() {
  TablePart part;
  part.uid_validity = UidValidity(1'767'225'600);
  part.as_of = ModSeq(301);
  part.parts = 2;
  auto message = sample_message();
  message.utf8_header = message.unended = true;
  part.messages.push_back(message);
  message.uid = Uid(12);
  message.modseq = message.created_modseq = ModSeq(299);
  message.flags = {};
  message.keywords = {};
  message.utf8_header = message.unended = false;
  message.internal_date = at(-1);
  message.body = {EmailId(0x0102030405060702), 5'000'000'000, 321};
  part.messages.push_back(message);
  message.uid = kLastUid;
  part.messages.push_back(message);
  return part;
}

ChangeRow sample_long_change() {
  ChangeRow row{at(1'767'225'600'000), {}};
  for (std::uint32_t uid = 7; uid < 10; ++uid)
    row.changes.push_back({ChangeKind::kFlags, Uid(uid), EmailId(0x0102030405060000 + 2 * uid)});
  row.changes.push_back({ChangeKind::kFlags, Uid(20), EmailId(4)});
  row.changes.push_back({ChangeKind::kDestroyed, Uid(3), EmailId(0xFFFFFFFFFFFFFFFF)});
  row.changes.push_back({ChangeKind::kFlags, kLastUid, EmailId(1)});
  return row;
}

ChangeRow sample_change() {
  return {at(1'767'225'600'000),
          {{ChangeKind::kArrived, Uid(11), EmailId(42)}, {ChangeKind::kMailboxRemoved, Uid(), EmailId()}}};
}

EmailRow sample_email() {
  EmailRow row;
  row.thread = ThreadId(41);
  row.home = {MailboxId(1), Uid(11)};
  row.received_at = at(1'767'225'600'123);
  row.octets = 5'000'000'000;
  row.first_octets = 321;
  row.content.envelope = "(NIL NIL)";
  row.content.bodystructure = "(\"TEXT\")";
  row.content.body = "(\"text\")";
  row.content.part_table = std::string("\0\1\2", 3);
  row.content.preview = "Hello";
  row.content.subject_utf8 =
      "Gr\xC3\xBC\xC3\x9F"
      "e";
  row.content.message_id = "1@example.org";
  row.content.in_reply_to = {"0@example.org"};
  row.content.references = {"a@example.org", "0@example.org"};
  row.content.fields = {{"Subject", " =?utf-8?q?Gr=C3=BC=C3=9Fe?="}, {"From", " a@example.org"}};
  row.content.date = at(1'767'225'000'000);
  row.content.has_attachment = true;
  return row;
}

DedupeRow sample_dedupe() { return {at(1'767'830'400'000), EmailId(42), {MailboxId(1), Uid(11)}, UidValidity(9)}; }
DedupeRow sample_copied() {
  auto row = sample_dedupe();
  row.source_flags = SourceFlags{{Flag::kSeen}, {"$Junk"}};
  return row;
}
std::vector<Location> sample_locations() { return {{MailboxId(1), Uid(11)}, {MailboxId(6), Uid(1)}}; }
StagedRow sample_staged() { return {at(1'767'225'700'000), 300'000}; }

/// Whether `octets` are what `sample` is encoded to and decode to the same again.
std::map<std::string, std::string> encoded_samples() {
  return {{"account", encode(sample_account())},
          {"mailbox", encode(sample_mailbox())},
          {"message", encode(sample_message())},
          {"flag_page", encode(sample_flag_page())},
          {"table_part", encode(sample_table_part())},
          {"change", encode(sample_change())},
          {"long_change", encode(sample_long_change())},
          {"email", encode(sample_email())},
          {"dedupe", encode(sample_dedupe())},
          {"dedupe_copied", encode(sample_copied())},
          {"staged", encode(sample_staged())},
          {"locations", encode_locations(sample_locations())},
          {"thread", encode_thread(ThreadId(41))},
          {"used_name", encode_used_name(UidValidity(9))},
          {"rights", encode_rights({Right::kLookup, Right::kRead, Right::kAdminister})},
          {"sharer", encode_sharer(at(1'767'225'600'000))},
          {"annotation", encode_annotation("a note")},
          {"mark", encode_mark()}};
}

/// Decodes and encodes again; "corrupt" when it does not decode.
std::string again(const std::string& name, std::string_view octets) {
  const auto encode_again = [](const auto& decoded, const auto& encoder) {
    return decoded ? encoder(*decoded) : std::string("corrupt");
  };
  const auto plain = [](const auto& row) { return encode(row); };
  if (name == "account") return encode_again(decode_account(octets), plain);
  if (name == "mailbox") return encode_again(decode_mailbox(octets), plain);
  if (name == "message") return encode_again(decode_message(Uid(11), octets), plain);
  if (name == "flag_page") return encode_again(decode_flag_page(2, octets), plain);
  if (name == "table_part") return encode_again(decode_table_part(octets), plain);
  if (name == "change" || name == "long_change") return encode_again(decode_change(octets), plain);
  if (name == "email") return encode_again(decode_email(octets), plain);
  if (name == "dedupe" || name == "dedupe_copied") return encode_again(decode_dedupe(octets), plain);
  if (name == "staged") return encode_again(decode_staged(octets), plain);
  if (name == "locations") return encode_again(decode_locations(octets), encode_locations);
  if (name == "thread") return encode_again(decode_thread(octets), encode_thread);
  if (name == "rights") return encode_again(decode_rights(octets), encode_rights);
  if (name == "sharer") return encode_again(decode_sharer(octets), encode_sharer);
  if (name == "annotation") return encode_again(decode_annotation(octets), encode_annotation);
  if (name == "used_name") return encode_again(decode_used_name(octets), encode_used_name);
  return std::string(octets);
}

std::map<std::string, std::string> golden(const char* version) {
  std::ifstream file(std::string(VEREDUS_SOURCE_DIR "/test/data/account/rows_") + version + ".txt");
  std::map<std::string, std::string> rows;
  for (std::string name, hex; file >> name >> hex;) rows[name] = hex;
  return rows;
}

TEST(AccountRows, AreReadAndWrittenAsTheyEverWere) {
  const auto rows = golden("v2");
  for (const auto& [name, octets] : encoded_samples()) {
    SCOPED_TRACE(name);
    ASSERT_TRUE(rows.contains(name));
    EXPECT_EQ(base::codec::hex_encode(octets), rows.at(name));
    EXPECT_EQ(again(name, octets), octets);
  }
  EXPECT_EQ(rows.size(), encoded_samples().size());
}

TEST(AccountRows, OfVersion1AreStillRead) {
  const auto now = golden("v2");
  for (const auto& [name, hex] : golden("v1")) {
    SCOPED_TRACE(name);
    if (name != "mailbox" && name != "change") EXPECT_EQ(hex, now.at(name));
  }
  const auto octets = [](const char* name) { return *base::codec::hex_decode(golden("v1").at(name)); };
  auto mailbox = sample_mailbox();
  mailbox.has_flag_pages = false;
  EXPECT_EQ(decode_mailbox(octets("mailbox")), mailbox);
  EXPECT_EQ(decode_change(octets("change")), sample_change());
}

TEST(AccountRows, DecodeToWhatWasEncoded) {
  EXPECT_EQ(decode_account(encode(sample_account())), sample_account());
  EXPECT_EQ(decode_mailbox(encode(sample_mailbox())), sample_mailbox());
  EXPECT_EQ(decode_message(Uid(11), encode(sample_message())), sample_message());
  EXPECT_EQ(decode_change(encode(sample_change())), sample_change());
  EXPECT_EQ(decode_change(encode(sample_long_change())), sample_long_change());
  EXPECT_EQ(decode_flag_page(2, encode(sample_flag_page())), sample_flag_page());
  EXPECT_EQ(decode_table_part(encode(sample_table_part())), sample_table_part());
  EXPECT_EQ(decode_dedupe(encode(sample_dedupe())), sample_dedupe());
  EXPECT_EQ(decode_staged(encode(sample_staged())), sample_staged());
  EXPECT_EQ(decode_locations(encode_locations(sample_locations())), sample_locations());
  const auto email = decode_email(encode(sample_email()));
  ASSERT_TRUE(email);
  EXPECT_EQ(email->home, sample_email().home);
  EXPECT_EQ(email->octets, 5'000'000'000);
  EXPECT_EQ(email->content.subject_utf8, sample_email().content.subject_utf8);
  EXPECT_EQ(email->content.fields, sample_email().content.fields);
  EXPECT_EQ(email->content.date, sample_email().content.date);
  EXPECT_EQ(email->content.references, sample_email().content.references);
  EXPECT_TRUE(email->content.fields_complete);
  EXPECT_TRUE(email->content.has_attachment);
}

TEST(AccountRows, CutShortAreCorrupt) {
  for (const auto& [name, octets] : encoded_samples()) {
    if (name == "mark") continue;
    SCOPED_TRACE(name);
    for (std::size_t length = 0; length < octets.size(); ++length)
      EXPECT_EQ(again(name, std::string_view(octets).substr(0, length)), "corrupt") << length;
    EXPECT_EQ(again(name, octets + "x"), "corrupt");
    EXPECT_EQ(again(name, "\x03" + octets.substr(1)), "corrupt") << "of a version not known";
  }
}

TEST(AccountRows, SurviveAnyDamageOfOneOctet) {
  for (const auto& [name, octets] : encoded_samples()) {
    for (std::size_t i = 0; i < octets.size(); ++i) {
      for (const int bit : {1, 16, 128}) {
        auto damaged = octets;
        damaged[i] = static_cast<char>(damaged[i] ^ bit);
        again(name, damaged);  // corrupt or another value; never more than that
      }
    }
  }
}

TEST(AccountRows, OfFlagsStayWithinTheirPage) {
  const auto refused = [](std::uint32_t number, UidRange range) {
    FlagPage page;
    page.append({range.first, range.last, {}, {}, ModSeq(1)});
    return !decode_flag_page(number, encode(page));
  };
  EXPECT_FALSE(refused(2, {Uid(2048), Uid(3071)}));
  EXPECT_TRUE(refused(2, {Uid(2048), Uid(3072)})) << "goes on in the next";
  EXPECT_FALSE(refused(0, {Uid(1), Uid(1)}));
  EXPECT_TRUE(refused(0, {Uid(0), Uid(1)})) << "no UID";
  EXPECT_FALSE(refused(FlagPage::number_of(kLastUid), {kLastUid, kLastUid}));
}

TEST(AccountRows, OfEmailsAreSettledInPlace) {
  auto row = sample_email();
  auto encoded = encode(row);
  settle_email(encoded, ThreadId(77), {MailboxId(3), Uid(4)});
  row.thread = ThreadId(77);
  row.home = {MailboxId(3), Uid(4)};
  EXPECT_EQ(encoded, encode(row));
}

TEST(AccountRows, OfMonstrousEmailsLeaveOutWhatTheBodyTellsAgain) {
  auto row = sample_email();
  row.content.fields.assign(2000, {"References", std::string(1000, 'r')});
  row.content.part_table = std::string(kEmailRowOctets, 'p');
  const auto encoded = encode(row);
  EXPECT_LE(encoded.size(), kEmailRowOctets + 100);
  const auto decoded = decode_email(encoded);
  ASSERT_TRUE(decoded);
  EXPECT_FALSE(decoded->content.fields_complete);
  EXPECT_TRUE(decoded->content.fields.empty());
  EXPECT_EQ(decoded->content.envelope, row.content.envelope);
}

}  // namespace
}  // namespace veredus::state::mailbox::rows
