#include "work/smtpclient/transaction.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace veredus::work::smtpclient {
namespace {

using Step = Transaction::Step;
using wire::smtp::ReplyReader;

/// What a test plays: the peer, the message, and the replies in order. "lost" breaks the connection.
struct Scene {
  Protocol protocol = Protocol::kSmtp;
  bool pipelining = true;
  bool chunking = false;
  std::size_t recipients = 1;
  std::size_t max_recipients = 100;
  Before before = Before::kNothing;
  std::optional<wire::smtp::Body> body_kind;
};

struct Played {
  std::string sent;      // with '|' where replies were waited for
  std::string outcomes;  // by recipient: D delivered, R refused, L later, - not tried
  TransactionResult result;
  bool needs_reset = false;
};

wire::smtp::Reply reply_of(std::string_view text) {
  ReplyReader reader;
  return **reader.feed(text);
}

char letter(RecipientOutcome::Kind kind) {
  switch (kind) {
    case RecipientOutcome::Kind::kDelivered:
      return 'D';
    case RecipientOutcome::Kind::kRefused:
      return 'R';
    case RecipientOutcome::Kind::kDeferred:
      return 'L';
    case RecipientOutcome::Kind::kNotTried:
      return '-';
  }
  return '?';
}

Played play(const Scene& scene, const std::vector<std::string_view>& replies) {
  Outgoing message;
  message.sender = wire::smtp::Address{"a", "demo.test"};
  message.body_kind = scene.body_kind;
  message.body = std::make_shared<MemoryBody>("12345");
  for (std::size_t i = 1; i <= scene.recipients; ++i)
    message.recipients.push_back({{"r" + std::to_string(i), "example.org"}, {}, {}});
  PeerDetails peer;
  peer.host_name = "mx.example.org";
  peer.capabilities.pipelining = scene.pipelining;
  peer.capabilities.chunking = peer.capabilities.binary_mime = scene.chunking;
  peer.capabilities.eight_bit_mime = true;
  Options options;
  options.max_recipients = scene.max_recipients;
  if (scene.body_kind) options.one_write_octets = 0;
  Facts facts;
  facts.octets = 5;
  facts.body = scene.body_kind;
  const auto plan = make_plan(message, facts, peer, options).value();
  Transaction transaction(message, plan, peer, scene.protocol, scene.before, 5);

  Played played;
  auto reply = replies.begin();
  while (transaction.step() != Step::kDone) {
    switch (transaction.step()) {
      case Step::kCommands:
        transaction.commands(played.sent);
        if (transaction.message_follows()) {
          played.sent += "12345";
          transaction.body_sent();
        }
        played.sent += '|';
        break;
      case Step::kBody:
        played.sent += "12345\r\n.\r\n|";
        transaction.body_sent();
        break;
      case Step::kEmptyBody:
        played.sent += ".\r\n|";
        transaction.body_sent();
        break;
      case Step::kReplies:
        if (reply == replies.end() || *reply == "lost")
          transaction.broke(ConnectionError::kLost);
        else
          transaction.take(reply_of(*reply++));
        break;
      case Step::kDone:
        break;
    }
  }
  EXPECT_TRUE(reply == replies.end() || *reply == "lost") << "replies were left";
  played.needs_reset = transaction.needs_reset();
  played.result = transaction.take_result();
  for (const auto& outcome : played.result.recipients) played.outcomes += letter(outcome.kind);
  return played;
}

constexpr std::string_view kEnvelope = "MAIL FROM:<a@demo.test>\r\nRCPT TO:<r1@example.org>\r\nDATA\r\n|";

TEST(Transaction, SendsTheWholeEnvelopeAtOnce) {  // RFC 2920 s3.1
  const auto played = play({}, {"250 ok", "250 ok", "354 go", "250 2.0.0 queued"});
  EXPECT_EQ(played.sent, std::string(kEnvelope) + "12345\r\n.\r\n|");
  EXPECT_EQ(played.outcomes, "D");
  EXPECT_EQ(played.result.recipients[0].reply.text, "queued");
  EXPECT_EQ(played.result.recipients[0].said_by, "mx.example.org");
  EXPECT_FALSE(played.needs_reset || played.result.broken || played.result.uncertain);
}

TEST(Transaction, GoesStepByStepWithAPeerThatDoesNotPipeline) {
  const auto played = play({.pipelining = false, .recipients = 2}, {"250 ok", "250 ok", "550 no", "354 go", "250 ok"});
  EXPECT_EQ(played.sent,
            "MAIL FROM:<a@demo.test>\r\n|RCPT TO:<r1@example.org>\r\n|RCPT TO:<r2@example.org>\r\n|DATA\r\n|"
            "12345\r\n.\r\n|");
  EXPECT_EQ(played.outcomes, "DR");
}

TEST(Transaction, SaysAllInOneWriteWhereChunksArePipelined) {  // RFC 3030 s4.2
  const auto played = play({.chunking = true, .recipients = 2}, {"250 ok", "250 ok", "450 later", "250 queued"});
  EXPECT_EQ(played.sent,
            "MAIL FROM:<a@demo.test>\r\nRCPT TO:<r1@example.org>\r\nRCPT TO:<r2@example.org>\r\nBDAT 5 LAST\r\n12345|");
  EXPECT_EQ(played.outcomes, "DL");
  EXPECT_FALSE(played.needs_reset);
}

TEST(Transaction, SendsABinaryMessageAsAChunkAfterItsEnvelope) {  // RFC 3030 s3
  const Scene binary{.chunking = true, .body_kind = wire::smtp::Body::kBinaryMime};
  const auto played = play(binary, {"250 ok", "250 ok", "250 queued"});
  EXPECT_EQ(played.sent,
            "MAIL FROM:<a@demo.test> BODY=BINARYMIME\r\nRCPT TO:<r1@example.org>\r\n|BDAT 5 LAST\r\n12345|");
  EXPECT_EQ(played.outcomes, "D");
  EXPECT_EQ(play(binary, {"250 ok", "550 no"}).outcomes, "R");
}

TEST(Transaction, TellsWhatBecameOfEachRecipient) {
  struct Case {
    std::string_view what;
    Scene scene;
    std::vector<std::string_view> replies;
    std::string_view outcomes;
    bool needs_reset;
  };
  const Scene smtp{.recipients = 3};
  const Scene slow{.pipelining = false, .recipients = 3};
  const Scene chunks{.chunking = true, .recipients = 3};
  const Scene lmtp{.protocol = Protocol::kLmtp, .recipients = 3};
  const Scene lmtp_chunks{.protocol = Protocol::kLmtp, .chunking = true, .recipients = 3};
  const Case cases[] = {
      {"all taken", smtp, {"250 a", "250 b", "251 c", "250 d", "354 e", "250 f"}, "DDD", false},
      {"some refused", smtp, {"250 a", "550 b", "250 c", "451 d", "354 e", "250 f"}, "RDL", false},
      {"message refused", smtp, {"250 a", "550 b", "250 c", "250 d", "354 e", "554 f"}, "RRR", false},
      {"message put off", smtp, {"250 a", "250 b", "250 c", "250 d", "354 e", "451 f"}, "LLL", false},
      {"DATA put off", smtp, {"250 a", "250 b", "550 c", "250 d", "451 e"}, "LRL", true},
      {"sender refused", smtp, {"550 a", "503 b", "503 c", "503 d", "503 e"}, "RRR", false},
      {"sender put off", smtp, {"451 a", "503 b", "503 c", "503 d", "503 e"}, "LLL", false},
      {"sender refused, step by step", slow, {"550 a"}, "RRR", false},
      {"nobody taken", smtp, {"250 a", "550 b", "450 c", "550 d", "554 e"}, "RLR", true},
      {"nobody taken, step by step", slow, {"250 a", "550 b", "450 c", "550 d"}, "RLR", true},
      {"nobody taken, but DATA", smtp, {"250 a", "550 b", "450 c", "550 d", "354 e", "554 f"}, "RLR", false},
      {"nobody taken, and an empty message",
       smtp,
       {"250 a", "550 b", "450 c", "550 d", "354 e", "250 f"},
       "RLR",
       false},
      {"sender refused, but DATA", smtp, {"550 a", "503 b", "503 c", "503 d", "354 e", "554 f"}, "RRR", false},
      {"chunk refused", chunks, {"250 a", "550 b", "250 c", "250 d", "552 e"}, "RRR", true},
      {"nobody taken, chunk", chunks, {"250 a", "550 b", "550 c", "550 d", "503 e"}, "RRR", true},
      {"sender refused, chunk", chunks, {"550 a", "503 b", "503 c", "503 d", "503 e"}, "RRR", true},
      {"too many recipients", smtp, {"250 a", "250 b", "452 4.5.3 c", "452 too many", "354 e", "250 f"}, "D--", false},
      {"too many, old", smtp, {"250 a", "250 b", "552 Too many", "552 too many", "354 e", "250 f"}, "D--", false},
      {"disk full", smtp, {"250 a", "250 b", "452 4.3.1 c", "452 4.2.2 full", "354 e", "250 f"}, "DLL", false},
      {"too many, the first", smtp, {"250 a", "452 4.5.3 b", "452 4.5.3 c", "452 4.5.3 d", "554 e"}, "LLL", true},
      {"LMTP", lmtp, {"250 a", "250 b", "550 c", "250 d", "354 e", "250 f", "450 g"}, "DRL", false},
      {"LMTP, nobody", lmtp, {"250 a", "550 b", "550 c", "550 d", "503 e"}, "RRR", true},
      {"LMTP chunks", lmtp_chunks, {"250 a", "250 b", "550 c", "250 d", "250 f", "550 g"}, "DRR", false},
      {"LMTP chunks, nobody", lmtp_chunks, {"250 a", "550 b", "550 c", "550 d", "503 e"}, "RRR", false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto played = play(c.scene, c.replies);
    EXPECT_EQ(played.outcomes, c.outcomes);
    EXPECT_EQ(played.needs_reset, c.needs_reset);
    EXPECT_FALSE(played.result.broken);
    EXPECT_FALSE(played.result.uncertain);
  }
}

TEST(Transaction, SendsALoneDotWhenDataIsTakenForNobody) {  // RFC 2920 s3.1
  const auto played = play({}, {"250 ok", "550 no", "354 go", "554 nobody"});
  EXPECT_EQ(played.sent, std::string(kEnvelope) + ".\r\n|");
  EXPECT_EQ(played.outcomes, "R");
  EXPECT_EQ(played.result.recipients[0].reply.text, "no");
}

TEST(Transaction, ForgetsTheLastOneOnlyWhereThereIsSomething) {  // RFC 5321 s4.1.1.5
  const auto played = play({.before = Before::kReset}, {"250 reset", "250 ok", "250 ok", "354 go", "250 ok"});
  EXPECT_EQ(played.sent, "RSET\r\n" + std::string(kEnvelope) + "12345\r\n.\r\n|");
  EXPECT_EQ(played.outcomes, "D");
  const auto slow = play({.pipelining = false, .before = Before::kReset}, {"500 what", "lost"});
  EXPECT_EQ(slow.sent, "RSET\r\n|");
  EXPECT_EQ(slow.result.broken, ConnectionError::kProtocol);
}

TEST(Transaction, AsksInGroupsAndLeavesTheRestForAnother) {
  std::vector<std::string_view> replies{"250 a"};
  replies.insert(replies.end(), 120, "250 r");
  replies.insert(replies.end(), {"354 go", "250 ok"});
  const auto played = play({.recipients = 130, .max_recipients = 120}, replies);
  EXPECT_EQ(played.outcomes, std::string(120, 'D') + std::string(10, '-'));
  EXPECT_EQ(std::count(played.sent.begin(), played.sent.end(), '|'), 3);  // two groups and the message
  EXPECT_EQ(played.result.recipients[125].reply.code, 0);
}

TEST(Transaction, KnowsWhenNobodyCanKnow) {
  struct Case {
    std::string_view what;
    Scene scene;
    std::vector<std::string_view> replies;
    std::string_view outcomes;
    bool uncertain;
    Stage stage;
  };
  const Scene smtp{.recipients = 2};
  const Scene chunks{.chunking = true, .recipients = 2};
  const Scene lmtp{.protocol = Protocol::kLmtp, .recipients = 2};
  const Case cases[] = {
      {"at MAIL", smtp, {"lost"}, "--", false, Stage::kMail},
      {"at RCPT", smtp, {"250 a", "550 b", "lost"}, "R-", false, Stage::kRecipient},
      {"at DATA", smtp, {"250 a", "250 b", "250 c", "lost"}, "--", false, Stage::kData},
      {"after the dot", smtp, {"250 a", "250 b", "550 c", "354 d", "lost"}, "-R", true, Stage::kFinal},
      {"after a lone dot", smtp, {"250 a", "550 b", "550 c", "354 d", "lost"}, "RR", false, Stage::kFinal},
      {"all sent, nothing heard", chunks, {"lost"}, "--", true, Stage::kMail},
      {"all sent, one heard", chunks, {"250 a", "550 b", "lost"}, "R-", true, Stage::kRecipient},
      {"all sent, sender refused", chunks, {"550 a", "lost"}, "RR", false, Stage::kRecipient},
      {"all sent, nobody taken", chunks, {"250 a", "550 b", "550 c", "lost"}, "RR", false, Stage::kFinal},
      {"LMTP, half told", lmtp, {"250 a", "250 b", "250 c", "354 d", "250 e", "lost"}, "D-", true, Stage::kFinal},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    const auto played = play(c.scene, c.replies);
    EXPECT_EQ(played.outcomes, c.outcomes);
    EXPECT_EQ(played.result.uncertain, c.uncertain);
    EXPECT_EQ(played.result.stage, c.stage);
    EXPECT_EQ(played.result.broken, ConnectionError::kLost);
  }
}

TEST(Transaction, IsEndedBy421AtAnyPlace) {  // RFC 5321 s3.8
  struct Case {
    std::vector<std::string_view> replies;
    std::string_view outcomes;
    Stage stage;
  };
  const Case cases[] = {
      {{"421 busy"}, "--", Stage::kMail},
      {{"250 a", "550 b", "421 busy"}, "R-", Stage::kRecipient},
      {{"250 a", "250 b", "250 c", "421 busy"}, "--", Stage::kData},
      {{"250 a", "250 b", "550 c", "354 d", "421 busy"}, "LR", Stage::kFinal},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(to_string(c.stage));
    const auto played = play({.recipients = 2}, c.replies);
    EXPECT_EQ(played.outcomes, c.outcomes);
    EXPECT_EQ(played.result.stage, c.stage);
    EXPECT_EQ(played.result.broken, ConnectionError::kClosing);
    EXPECT_FALSE(played.result.uncertain);
    for (const auto& outcome : played.result.recipients)
      EXPECT_TRUE(outcome.kind == RecipientOutcome::Kind::kRefused || outcome.reply.code == 421);
  }
}

TEST(Transaction, ExpectsRepliesOfTheRightKind) {
  const std::vector<std::string_view> cases[] = {
      {"354 a"}, {"250 a", "354 b"}, {"250 a", "250 b", "250 c"}, {"250 a", "250 b", "354 c", "354 d"}};
  for (const auto& replies : cases) {
    SCOPED_TRACE(replies.size());
    const auto played = play({}, replies);
    EXPECT_EQ(played.result.broken, ConnectionError::kProtocol);
    EXPECT_EQ(played.outcomes, "-");
    EXPECT_EQ(played.result.uncertain, replies.size() == 4);
  }
}

}  // namespace
}  // namespace veredus::work::smtpclient
