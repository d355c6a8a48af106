#include "work/probe/talk.h"

#include <algorithm>
#include <utility>

#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "io/net/connect.h"
#include "io/net/reactor.h"

namespace veredus::work::probe {
namespace {

constexpr std::size_t kLineOctets = 8 * 1024;

/// One line of a dialogue: no control characters, valid UTF-8, no endless lines.
std::string presentable(std::string_view line) {
  constexpr std::size_t kShownOctets = 1'000;
  std::string text = base::codec::replace_invalid_utf8(base::codec::utf8_prefix(line, kShownOctets));
  if (line.size() > kShownOctets) text += "…";
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) c = '?';
  return text;
}

std::string words_of(io::net::IoError error) {
  switch (error) {
    case io::net::IoError::kEndOfStream:
      return "the server closed the connection";
    case io::net::IoError::kReset:
      return "the connection broke";
    case io::net::IoError::kTimeout:
      return "the server did not answer in time";
    case io::net::IoError::kLineTooLong:
      return "the server sent a line that is far too long";
    case io::net::IoError::kBareLineFeed:
    case io::net::IoError::kBareCarriageReturn:
      return "the server does not end its lines with CR LF";
    case io::net::IoError::kRefused:
      return "connection refused, or no way there";
    default:
      return std::string(to_string(error));
  }
}

std::unexpected<std::string> failed(io::net::IoError error) { return std::unexpected(words_of(error)); }

}  // namespace

Talk::Talk(Surroundings surroundings, Session* session, const Options* options)
    : surroundings_(surroundings), session_(session), options_(options), began_(surroundings.clock->steady_now()) {}

Milliseconds Talk::elapsed() const {
  return std::chrono::duration_cast<Milliseconds>(surroundings_.clock->steady_now() - began_);
}

void Talk::write_down(Side side, std::string text) {
  auto& lines = session_->dialogue;
  if (lines.size() > options_->max_dialogue_lines) return;
  if (lines.size() == options_->max_dialogue_lines) {
    side = Side::kNote;
    text = "more was said than is shown";
  }
  lines.push_back({elapsed(), side, presentable(text)});
}

Talk::Result<void> Talk::connect() {
  note("connecting to " + session_->address.to_string());
  auto stream = co_await io::net::connect(surroundings_.reactor, session_->address, options_->connect_wait);
  session_->connect_took = elapsed();
  if (!stream) {
    note(words_of(stream.error()));
    co_return failed(stream.error());
  }
  stream_.emplace(*std::move(stream));
  note("connected");
  co_return std::expected<void, std::string>{};
}

Talk::Result<wire::smtp::Reply> Talk::read_reply() {
  wire::smtp::ReplyReader reader;
  while (true) {
    const auto line = co_await stream_->read_line(kLineOctets, options_->reply_wait);
    if (!line) {
      note(words_of(line.error()));
      co_return failed(line.error());
    }
    write_down(Side::kServer, std::string(*line));
    auto reply = reader.feed(*line);
    if (!reply) co_return std::unexpected("this is no SMTP reply: " + std::string(to_string(reply.error())));
    if (*reply) co_return **std::move(reply);
  }
}

Talk::Result<wire::smtp::Reply> Talk::hear() { return read_reply(); }

Talk::Result<void> Talk::say(std::string octets, std::string shown) {
  write_down(Side::kClient, std::move(shown));
  const auto sent = co_await stream_->write(std::move(octets), options_->reply_wait);
  if (!sent) {
    note(words_of(sent.error()));
    co_return failed(sent.error());
  }
  co_return std::expected<void, std::string>{};
}

Talk::Result<wire::smtp::Reply> Talk::ask(std::string line, std::string shown) {
  if (shown.empty()) shown = line;
  line += "\r\n";
  VEREDUS_CO_TRY(co_await say(std::move(line), std::move(shown)));
  co_return co_await read_reply();
}

Talk::Result<std::vector<wire::smtp::Reply>> Talk::ask_all(std::vector<std::string> lines) {
  std::string all;
  for (const auto& line : lines) {
    write_down(Side::kClient, line);
    all += line + "\r\n";
  }
  const auto sent = co_await stream_->write(std::move(all), options_->reply_wait);
  if (!sent) co_return failed(sent.error());
  std::vector<wire::smtp::Reply> replies;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    VEREDUS_CO_TRY(auto reply, co_await read_reply());
    replies.push_back(std::move(reply));
  }
  co_return replies;
}

Talk::Result<void> Talk::start_tls(std::shared_ptr<io::net::TlsContext> context) {
  const auto started = co_await stream_->start_tls_client(std::move(context), session_->host, options_->reply_wait);
  if (!started) {
    auto why = stream_->tls_failure();
    if (why.empty()) why = words_of(started.error());
    note("the TLS handshake failed: " + why);
    co_return std::unexpected(why);
  }
  if (started->discarded_octets != 0) note("plaintext behind the reply to STARTTLS was thrown away");
  co_return std::expected<void, std::string>{};
}

void Talk::close() {
  session_->took = elapsed();
  if (!stream_) return;
  stream_->close();
  note("closed");
}

}  // namespace veredus::work::probe
