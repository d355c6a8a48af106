#include "wire/smtp/command.h"

#include <gtest/gtest.h>

#include <string>

namespace veredus::wire::smtp {
namespace {

template <class T>
T parsed(std::string_view line) {
  auto command = parse_command(line);
  if (!command) {
    ADD_FAILURE() << line << ": " << to_string(command.error());
    return T{};
  }
  if (!std::holds_alternative<T>(*command)) {
    ADD_FAILURE() << line << ": another command";
    return T{};
  }
  return std::get<T>(std::move(*command));
}

TEST(ParseCommand, KnowsEveryVerbInAnyCase) {
  parsed<Data>("data");
  parsed<Rset>("RSET ");
  parsed<Quit>("qUiT\t");
  parsed<Noop>("NOOP whatever");
  parsed<StartTls>("starttls");
  parsed<Help>("HELP");
  EXPECT_EQ(parsed<Vrfy>("VRFY alice").text, "alice");
  EXPECT_EQ(parsed<Expn>("EXPN staff").text, "staff");
  EXPECT_EQ(parsed<Hello>("EHLO mail.example.org").kind, HelloKind::kEhlo);
  EXPECT_EQ(parsed<Hello>("lhlo [192.0.2.1]").kind, HelloKind::kLhlo);
  EXPECT_TRUE(parsed<Hello>("HELO [IPv6:2001:db8::1]").valid_domain);
  EXPECT_FALSE(parsed<Hello>("HELO my_laptop").valid_domain);
}

TEST(ParseCommand, ReadsBdat) {  // RFC 3030 s2
  const auto chunk = parsed<Bdat>("BDAT 86 LAST");
  EXPECT_EQ(chunk.octets, 86u);
  EXPECT_TRUE(chunk.last);
  EXPECT_FALSE(parsed<Bdat>("bdat 0").last);
  for (const auto* line : {"BDAT", "BDAT x", "BDAT -1", "BDAT 1 FIRST", "BDAT 1 LAST x", "BDAT 18446744073709551616"}) {
    SCOPED_TRACE(line);
    EXPECT_EQ(parse_command(line).error(), CommandError::kChunkSize);
  }
}

TEST(ParseCommand, ReadsAuth) {  // RFC 4954 s4
  EXPECT_EQ(parsed<Auth>("AUTH LOGIN").initial_response, std::nullopt);
  EXPECT_EQ(parsed<Auth>("AUTH PLAIN =").initial_response, "=");
  EXPECT_EQ(parsed<Auth>("auth scram-sha-256 biws").mechanism, "scram-sha-256");
  EXPECT_EQ(parse_command("AUTH").error(), CommandError::kMissingArgument);
  EXPECT_EQ(parse_command("AUTH PL*IN").error(), CommandError::kMechanism);
  EXPECT_EQ(parse_command("AUTH PLAIN a b").error(), CommandError::kUnexpectedArgument);
}

TEST(ParseCommand, ReadsWhatASubmitterMayAskOfDelivery) {
  using namespace std::chrono_literals;
  const auto mail = parsed<MailFrom>("MAIL FROM:<a@b.test> REQUIRETLS HOLDFOR=3600 BY=120;RT MT-PRIORITY=-3");
  EXPECT_TRUE(mail.require_tls);    // RFC 8689 s2
  EXPECT_EQ(mail.hold_for, 3600s);  // RFC 4865 s3
  EXPECT_EQ(mail.priority, -3);     // RFC 6710 s3
  const DeliverBy by{.seconds = 120, .mode = ByMode::kReturn, .trace = true};
  EXPECT_EQ(mail.deliver_by, by);  // RFC 2852 s4
  const auto later = parsed<MailFrom>("MAIL FROM:<a@b.test> HOLDUNTIL=2027-01-01T00:00:00Z MT-PRIORITY=9");
  EXPECT_EQ(later.hold_until, SystemTime(std::chrono::seconds(1'798'761'600)));
  EXPECT_EQ(later.priority, 9);
  const auto plain = parsed<MailFrom>("MAIL FROM:<a@b.test>");
  EXPECT_FALSE(plain.require_tls || plain.hold_for || plain.hold_until || plain.deliver_by || plain.priority);
}

TEST(ParseCommand, RefusesMalformedDemandsOnDelivery) {
  struct Case {
    std::string_view parameters;
    CommandError want;
  };
  const Case cases[] = {{"REQUIRETLS=yes", CommandError::kParameterSyntax},
                        {"REQUIRETLS REQUIRETLS", CommandError::kRepeatedParameter},
                        {"HOLDFOR", CommandError::kHoldValue},
                        {"HOLDFOR=-1", CommandError::kHoldValue},
                        {"HOLDFOR=1234567890", CommandError::kHoldValue},
                        {"HOLDUNTIL=tomorrow", CommandError::kHoldValue},
                        {"HOLDFOR=1 HOLDUNTIL=2027-01-01T00:00:00Z", CommandError::kRepeatedParameter},
                        {"BY=120", CommandError::kDeliverByValue},
                        {"BY=0;R", CommandError::kDeliverByValue},
                        {"MT-PRIORITY=10", CommandError::kPriorityValue},
                        {"MT-PRIORITY=-0", CommandError::kPriorityValue},
                        {"MT-PRIORITY", CommandError::kPriorityValue},
                        {"MT-PRIORITY=1 MT-PRIORITY=1", CommandError::kRepeatedParameter}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.parameters);
    const auto command = parse_command("MAIL FROM:<a@b.test> " + std::string(c.parameters));
    ASSERT_FALSE(command);
    EXPECT_EQ(command.error(), c.want);
  }
}

TEST(ParseCommand, ReadsMailWithAllItsParameters) {
  const auto mail = parsed<MailFrom>(
      "MAIL FROM:<alice@example.org> SIZE=12345 body=8bitmime SMTPUTF8 RET=HDRS ENVID=QQ+2B314159 "
      "AUTH=bob+2Bx@example.org");
  EXPECT_EQ(mail.sender, (Address{"alice", "example.org"}));
  EXPECT_EQ(mail.size, 12345u);
  EXPECT_EQ(mail.body, Body::k8BitMime);
  EXPECT_TRUE(mail.smtputf8);
  EXPECT_EQ(mail.dsn_return, DsnReturn::kHeaders);
  EXPECT_EQ(mail.envelope_id, "QQ+314159");
  EXPECT_EQ(mail.submitter, "bob+x@example.org");
  EXPECT_TRUE(mail.extended);

  const auto null = parsed<MailFrom>("mail from:<> AUTH=<>");
  EXPECT_FALSE(null.sender);
  EXPECT_EQ(null.submitter, "");
  EXPECT_FALSE(parsed<MailFrom>("MAIL FROM: <a@b>").extended);
}

TEST(ParseCommand, ReadsRcptWithAllItsParameters) {  // RFC 3461 s4.1, s4.2
  const auto rcpt = parsed<RcptTo>("RCPT TO:<bob@example.org> NOTIFY=SUCCESS,delay ORCPT=rfc822;Bob+20B@example.org");
  EXPECT_EQ(rcpt.recipient, (Address{"bob", "example.org"}));
  EXPECT_EQ(rcpt.notify, (Notify{.success = true, .delay = true}));
  EXPECT_EQ(rcpt.original->type, "rfc822");
  EXPECT_EQ(rcpt.original->address, "Bob B@example.org");
  EXPECT_TRUE(parsed<RcptTo>("RCPT TO:<bob@x> NOTIFY=NEVER").notify->never);
  EXPECT_EQ(parsed<RcptTo>("RCPT TO:<bob@x> ORCPT=utf-8;\\x{20AC}@x").original->address, "€@x");
}

TEST(ParseCommand, RefusesWhatTheGrammarRefuses) {
  struct Case {
    std::string line;
    CommandError want;
  };
  const Case cases[] = {
      {"", CommandError::kUnknown},
      {"WHAT", CommandError::kUnknown},
      {" EHLO x", CommandError::kUnknown},
      {std::string("NOOP\0x", 6), CommandError::kOctet},
      {"NOOP \x01", CommandError::kOctet},
      {"NOOP \xff", CommandError::kNotUtf8},
      {"EHLO", CommandError::kMissingArgument},
      {"HELO a b", CommandError::kHeloDomain},
      {std::string("HELO a\0b", 8), CommandError::kOctet},
      {"EHLO a\tb", CommandError::kOctet},
      {"DATA now", CommandError::kUnexpectedArgument},
      {"QUIT now", CommandError::kUnexpectedArgument},
      {"STARTTLS x", CommandError::kUnexpectedArgument},
      {"VRFY", CommandError::kMissingArgument},
      {"MAIL", CommandError::kMissingFrom},
      {"MAIL LALA: <>", CommandError::kMissingFrom},
      {"MAIL FROM:", CommandError::kMissingPath},
      {"MAIL FROM:<pepe>", CommandError::kPath},
      {"MAIL FROM:<a@b_c>", CommandError::kPathDomain},
      {"MAIL FROM:<" + std::string(65, 'a') + "@b>", CommandError::kLocalPartTooLong},
      {"MAIL FROM:<a@" + std::string(256, 'b') + ">", CommandError::kDomainTooLong},
      {"MAIL FROM:<a@b>SIZE=1", CommandError::kPath},
      {"MAIL FROM:<a@b> SIZE", CommandError::kSizeValue},
      {"MAIL FROM:<a@b> SIZE=", CommandError::kParameterSyntax},
      {"MAIL FROM:<a@b> SIZE=1k", CommandError::kSizeValue},
      {"MAIL FROM:<a@b> SIZE=99999999999999999999", CommandError::kSizeValue},
      {"MAIL FROM:<a@b> SIZE=1 SIZE=1", CommandError::kRepeatedParameter},
      {"MAIL FROM:<a@b> BODY=9BIT", CommandError::kBodyValue},
      {"MAIL FROM:<a@b> SMTPUTF8=1", CommandError::kParameterSyntax},
      {"MAIL FROM:<a@b> RET=ALL", CommandError::kReturnValue},
      {"MAIL FROM:<a@b> ENVID=+2", CommandError::kEnvelopeIdValue},
      {"MAIL FROM:<a@b> ENVID=" + std::string(101, 'x'), CommandError::kEnvelopeIdValue},
      {"MAIL FROM:<a@b> AUTH=nobody", CommandError::kAuthValue},
      {"MAIL FROM:<a@b> X=1", CommandError::kUnknownParameter},
      {"MAIL FROM:<a@b> =1", CommandError::kParameterSyntax},
      {"MAIL FROM:<a@b> A=B=C", CommandError::kParameterSyntax},
      {"RCPT", CommandError::kMissingTo},
      {"RCPT TO:", CommandError::kMissingPath},
      {"RCPT TO:<>", CommandError::kPath},
      {"RCPT TO:<a@b> NOTIFY=", CommandError::kParameterSyntax},
      {"RCPT TO:<a@b> NOTIFY=NEVER,DELAY", CommandError::kNotifyValue},
      {"RCPT TO:<a@b> NOTIFY=SUCCESS,", CommandError::kNotifyValue},
      {"RCPT TO:<a@b> NOTIFY=DELAY NOTIFY=DELAY", CommandError::kRepeatedParameter},
      {"RCPT TO:<a@b> ORCPT=rfc822", CommandError::kOriginalRecipientValue},
      {"RCPT TO:<a@b> ORCPT=;x", CommandError::kOriginalRecipientValue},
      {"RCPT TO:<a@b> SIZE=1", CommandError::kUnknownParameter},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.line);
    const auto command = parse_command(c.line);
    ASSERT_FALSE(command);
    EXPECT_EQ(to_string(command.error()), to_string(c.want));
  }
}

TEST(ForeignProtocol, IsToldFromMail) {
  EXPECT_TRUE(is_foreign_protocol("GET /evil HTTP/1.1"));
  EXPECT_TRUE(is_foreign_protocol("post / HTTP/1.1"));
  EXPECT_FALSE(is_foreign_protocol("EHLO get.example"));
}

}  // namespace
}  // namespace veredus::wire::smtp
