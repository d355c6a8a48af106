#include "io/net/line_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "io/net/reactor.h"
#include "io/net/socket_transport.h"
#include "support/run.h"
#include "support/scripted_transport.h"

namespace veredus::io::net {
namespace {

using namespace std::chrono_literals;

asio::awaitable<std::expected<std::string, IoError>> next_line(LineStream* stream, std::size_t limit) {
  const auto line = co_await stream->read_line(limit, 5min);
  if (!line) co_return std::unexpected(line.error());
  co_return std::string(*line);
}

asio::awaitable<std::expected<std::string, IoError>> next_chunk(LineStream* stream, std::size_t limit) {
  const auto chunk = co_await stream->read_chunk(limit, 5min);
  if (!chunk) co_return std::unexpected(chunk.error());
  co_return std::string(*chunk);
}

class LineStreamTest : public testing::Test {
 protected:
  LineStream& open() { return stream.emplace(reactor, std::make_unique<test::ScriptedTransport>(script)); }
  std::expected<std::string, IoError> line(std::size_t limit = 512) {
    return test::run(reactor.context(), next_line(&*stream, limit));
  }
  std::expected<std::string, IoError> chunk(std::size_t limit = 65536) {
    return test::run(reactor.context(), next_chunk(&*stream, limit));
  }
  std::expected<void, IoError> flush() { return test::run(reactor.context(), stream->flush(5min)); }

  Reactor reactor;
  std::shared_ptr<test::Script> script = std::make_shared<test::Script>();
  std::optional<LineStream> stream;
};

TEST_F(LineStreamTest, TakesABatchOfLinesFromOneReceive) {
  script->then("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\n\r\nDATA\r\n");
  open();
  EXPECT_EQ(line(), "MAIL FROM:<a@b.test>");
  EXPECT_TRUE(stream->has_buffered_input());
  EXPECT_EQ(line(), "RCPT TO:<c@d.test>");
  EXPECT_EQ(stream->buffered_line(512), "");
  EXPECT_EQ(line(), "DATA");
  EXPECT_EQ(script->receives, 1U);
  EXPECT_FALSE(stream->buffered_line(512));
  EXPECT_EQ(line(), std::unexpected(IoError::kEndOfStream));
}

TEST_F(LineStreamTest, JoinsALineFromItsPieces) {
  for (const auto* piece : {"NO", "OP", "\r", "\n", "QUIT\r\nrest"}) script->then(piece);
  open();
  EXPECT_EQ(line(), "NOOP");
  EXPECT_EQ(line(), "QUIT");
  EXPECT_EQ(line(), std::unexpected(IoError::kEndOfStream));
}

TEST_F(LineStreamTest, HoldsNoBufferWhileThereIsNothingToRead) {
  script->then("NOOP\r\n");
  open();
  EXPECT_EQ(line(), "NOOP");
  EXPECT_EQ(reactor.buffers().taken(), 1U);  // the line is still to be looked at
  script->then("NOOP\r\n");
  script->fail_at = script->operations + 1;
  EXPECT_EQ(line(), std::unexpected(IoError::kReset));
  stream->close();
  EXPECT_EQ(reactor.buffers().taken(), 0U);
}

TEST_F(LineStreamTest, TellsLinesThatBreakARuleAndReadsOn) {
  struct Case {
    const char* input;
    IoError want;
  };
  const Case cases[] = {
      {"NOOP\nNOOP\r\n", IoError::kBareLineFeed},
      {"\nNOOP\r\n", IoError::kBareLineFeed},
      {"NO\rOP\r\nNOOP\r\n", IoError::kBareCarriageReturn},
      {"NOOP\r\r\nNOOP\r\n", IoError::kBareCarriageReturn},
      {"0123456789012345\r\nNOOP\r\n", IoError::kLineTooLong},
      {"012345678901234567890123456789\r\nNOOP\r\n", IoError::kLineTooLong},
  };
  for (const auto& c : cases) {
    for (const std::size_t cut : {100U, 1U, 7U, 17U}) {
      SCOPED_TRACE(std::string(c.input) + " " + std::to_string(cut));
      script = std::make_shared<test::Script>();
      for (std::string_view rest = c.input; !rest.empty(); rest.remove_prefix(std::min(cut, rest.size())))
        script->then(rest.substr(0, cut));
      open();
      EXPECT_EQ(line(16), std::unexpected(c.want));
      EXPECT_EQ(line(16), "NOOP");
    }
  }
}

TEST_F(LineStreamTest, CountsTheCrlfInTheLimit) {
  script->then("01234567890123\r\n012345678901234\r\n");
  open();
  EXPECT_EQ(line(16), "01234567890123");
  EXPECT_EQ(line(16), std::unexpected(IoError::kLineTooLong));
}

TEST_F(LineStreamTest, SkipsAnEndlessLineInBoundedMemory) {
  for (int i = 0; i < 100; ++i) script->then(std::string(16 * 1024, 'x'));
  script->then("\r\nQUIT\r\n");
  open();
  EXPECT_EQ(line(), std::unexpected(IoError::kLineTooLong));
  EXPECT_EQ(line(), "QUIT");
  EXPECT_EQ(reactor.buffers().taken(), 1U);
}

TEST_F(LineStreamTest, ReadsLinesOfTheGreatestLength) {
  const std::string longest(LineStream::kLineLimit - 2, 'x');
  script->then("NOOP\r\n" + longest.substr(0, 8000));
  script->then(longest.substr(8000) + "\r\n");
  open();
  EXPECT_EQ(line(LineStream::kLineLimit), "NOOP");
  EXPECT_EQ(line(LineStream::kLineLimit), longest);
}

TEST_F(LineStreamTest, GivesChunksAndTakesBackWhatWasTooMuch) {
  script->then("DATA\r\nHello\r\n.\r\nQUIT\r\n");
  open();
  EXPECT_EQ(line(), "DATA");
  EXPECT_EQ(chunk(4), "Hell");
  EXPECT_EQ(chunk(), "o\r\n.\r\nQUIT\r\n");
  stream->unread(6);
  EXPECT_EQ(line(), "QUIT");
}

TEST_F(LineStreamTest, ReceivesLongMessagesInLargeBuffers) {
  script->then("BDAT 1000000\r\n");
  for (int i = 0; i < 4; ++i) script->then(std::string(200'000, 'x'));
  open();
  EXPECT_EQ(line(), "BDAT 1000000");
  std::size_t octets = 0;
  std::size_t most = 0;
  while (octets < 800'000) {
    const auto part = chunk();
    ASSERT_TRUE(part);
    octets += part->size();
    most = std::max(most, part->size());
  }
  EXPECT_EQ(octets, 800'000U);
  EXPECT_EQ(most, BufferPool::kLargeOctets);
  EXPECT_EQ(stream->octets_in(), 800'014U);
}

TEST_F(LineStreamTest, SendsTheRepliesToABatchAtOnceAndBeforeItWaits) {
  script->then("RSET\r\nNOOP\r\n");
  script->then("QUIT\r\n");
  open();
  stream->queue_write("220 ready\r\n");
  EXPECT_EQ(line(), "RSET");
  EXPECT_EQ(script->output, "220 ready\r\n");
  stream->queue_write("250 reset\r\n");
  EXPECT_EQ(line(), "NOOP");
  stream->queue_write("250 ok\r\n");
  EXPECT_EQ(script->sends, 1U);
  EXPECT_EQ(stream->queued_octets(), 19U);
  EXPECT_EQ(line(), "QUIT");
  EXPECT_EQ(script->sends, 2U);
  EXPECT_EQ(script->output, "220 ready\r\n250 reset\r\n250 ok\r\n");
}

TEST_F(LineStreamTest, DoesNotHoldBackRepliesWithoutBound) {
  std::string batch;
  for (int i = 0; i < 100; ++i) batch += "HELP\r\n";
  script->then(batch);
  open();
  std::size_t most = 0;
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(line(), "HELP");
    stream->queue_write(std::string(10'000, 'h'));
    most = std::max(most, stream->queued_octets());
  }
  EXPECT_LE(most, 80'000U);
  EXPECT_TRUE(flush());
  EXPECT_EQ(script->output.size(), 1'000'000U);
}

TEST_F(LineStreamTest, SendsAllWhateverThePeerTakesAtATime) {
  for (const std::size_t limit : {1U, 2U, 3U, 255U, 256U, 257U, 5000U, 100'000U}) {
    SCOPED_TRACE(limit);
    script = std::make_shared<test::Script>();
    script->send_limit = limit;
    open();
    std::string want;
    for (std::size_t i = 0; i < 60; ++i) {
      const std::string piece(i * 20, static_cast<char>('a' + i % 26));
      want += piece;
      i % 3 == 0 ? stream->queue_write(std::string(piece)) : stream->queue_write(std::string_view(piece));
    }
    ASSERT_TRUE(flush());
    EXPECT_EQ(script->output, want);
    EXPECT_EQ(stream->octets_out(), want.size());
    EXPECT_EQ(stream->queued_octets(), 0U);
  }
}

TEST_F(LineStreamTest, ForgetsPlaintextWhenTlsBegins) {  // RFC 3207 s4.2
  script->then("STARTTLS\r\nMAIL FROM:<attacker@example.org>\r\n");
  script->then("EHLO x\r\n");
  open();
  EXPECT_EQ(line(), "STARTTLS");
  stream->queue_write("220 go ahead\r\n");
  const auto identity = TlsContext::client({.verify = TlsContext::Verify::kNone});
  ASSERT_TRUE(identity);
  const auto started = test::run(reactor.context(), stream->start_tls_client(*identity, "", 1min));
  ASSERT_TRUE(started);
  EXPECT_EQ(started->discarded_octets, 34U);
  EXPECT_EQ(script->output, "220 go ahead\r\n");
  EXPECT_TRUE(stream->is_tls());
  EXPECT_EQ(line(), "EHLO x");
}

TEST_F(LineStreamTest, HandsUpTheFailureOfEveryOperation) {
  for (std::size_t at = 0; at < 12; ++at) {
    SCOPED_TRACE(at);
    script = std::make_shared<test::Script>();
    script->then("EHLO x\r\n");
    script->then("QUIT\r\n");
    script->fail_at = at;
    open();
    stream->queue_write("220 ready\r\n");
    std::expected<std::string, IoError> last;
    do {
      last = line();
      stream->queue_write("250 ok\r\n");
    } while (last);
    EXPECT_EQ(last.error(), script->operations > at ? IoError::kReset : IoError::kEndOfStream);
    stream->close();
    EXPECT_EQ(reactor.buffers().taken(), 0U);
  }
}

TEST_F(LineStreamTest, TellsOnceThatTheServerDrains) {
  script->then("MAIL FROM:<>\r\nRCPT TO:<a@b.test>\r\n");
  script->then("DATA\r\n");
  open();
  EXPECT_EQ(line(), "MAIL FROM:<>");
  reactor.deadlines().drain();
  EXPECT_TRUE(stream->draining());
  EXPECT_EQ(line(), "RCPT TO:<a@b.test>");
  EXPECT_EQ(line(), std::unexpected(IoError::kStopping));
  EXPECT_EQ(line(), "DATA");
}

TEST_F(LineStreamTest, KnowsWhetherThePeerSpokeFirst) {
  open();
  EXPECT_TRUE(stream->peer_has_spoken());  // gone already
  script->then("EHLO early\r\n");
  open();
  EXPECT_FALSE(stream->peer_has_spoken());
  EXPECT_EQ(reactor.buffers().taken(), 0U);
  EXPECT_EQ(line(), "EHLO early");
}

TEST_F(LineStreamTest, CanBeMovedBetweenReads) {
  script->then("A\r\nB\r\n");
  open();
  EXPECT_EQ(line(), "A");
  LineStream moved = std::move(*stream);
  stream = std::move(moved);
  EXPECT_EQ(line(), "B");
  stream->close();
  EXPECT_TRUE(script->closed);
  EXPECT_FALSE(stream->is_open());
  EXPECT_EQ(line(), std::unexpected(IoError::kCancelled));
  EXPECT_EQ(flush(), std::unexpected(IoError::kCancelled));
}

/// One end of a socket pair as a LineStream, with time held; the other end says nothing unless told.
class WaitingStreamTest : public testing::Test {
 protected:
  WaitingStreamTest() {
    int ends[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    peer = UniqueFd(ends[1]);
    stream.emplace(reactor, make_socket_transport(reactor, UniqueFd(ends[0]), {}, {}));
  }
  /// The outcome of a read during which `meanwhile` happens.
  std::expected<std::string, IoError> line_while(const std::function<void()>& meanwhile) {
    auto line = asio::co_spawn(reactor.context(), next_line(&*stream, 512), asio::use_future);
    run();
    EXPECT_EQ(reactor.buffers().taken(), 0U);  // it waits, and holds none
    meanwhile();
    run();
    return line.get();
  }
  void run() {
    reactor.context().restart();
    reactor.context().poll();
  }
  void pass(std::chrono::seconds time) {
    clock.advance(time);
    reactor.deadlines().look();
  }
  void peer_says(std::string_view octets) {
    EXPECT_EQ(::send(peer.get(), octets.data(), octets.size(), 0), static_cast<ssize_t>(octets.size()));
  }

  FixedClock clock{SystemTime{}};
  Reactor reactor{0, clock};
  UniqueFd peer;
  std::optional<LineStream> stream;
};

TEST_F(WaitingStreamTest, KnowsThatThePeerWillSayNothingMoreAndKeepsWhatItSaid) {
  EXPECT_FALSE(stream->peer_has_finished());
  peer_says("LAST\r\n");
  EXPECT_FALSE(stream->peer_has_finished());
  EXPECT_EQ(::shutdown(peer.get(), SHUT_WR), 0);
  EXPECT_TRUE(stream->peer_has_finished());
  auto line = asio::co_spawn(reactor.context(), next_line(&*stream, 512), asio::use_future);
  run();
  EXPECT_EQ(line.get(), "LAST");
  stream->close();
  EXPECT_TRUE(stream->peer_has_finished());
}

TEST_F(WaitingStreamTest, EndsAReadThatTakesTooLongAndCanStillReply) {
  const auto slow = [this] {
    pass(200s);
    peer_says("NO");
    run();
    pass(102s);
  };
  peer_says("EHLO x\r\n");
  EXPECT_EQ(test::run(reactor.context(), next_line(&*stream, 512)), "EHLO x");
  EXPECT_EQ(line_while(slow), std::unexpected(IoError::kTimeout));
  EXPECT_TRUE(test::run(reactor.context(), stream->write("421 too slow\r\n", 1min)));
  peer_says("OP\r\n");
  EXPECT_EQ(test::run(reactor.context(), next_line(&*stream, 512)), "NOOP");
}

TEST_F(WaitingStreamTest, EndsAWaitingReadOnceWhenTheServerDrains) {
  EXPECT_EQ(line_while([this] { reactor.deadlines().drain(); }), std::unexpected(IoError::kStopping));
  EXPECT_EQ(line_while([this] { peer_says("QUIT\r\n"); }), "QUIT");
}

TEST_F(WaitingStreamTest, EndsAFlushThatThePeerDoesNotTake) {
  auto flushed = asio::co_spawn(reactor.context(), stream->write(std::string(10'000'000, 'x'), 1min), asio::use_future);
  run();
  pass(63s);
  run();
  EXPECT_EQ(flushed.get(), std::unexpected(IoError::kTimeout));
}

}  // namespace
}  // namespace veredus::io::net
