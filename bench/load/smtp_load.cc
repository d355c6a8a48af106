// The load generator of `./dev bench smtp-in`: closed loop, one thread, epoll. Each session sends its next message when
// the last one is answered, so that a server's own pace is measured and not a queue in front of it.
//
//   smtp_load --port P [--host 127.0.0.1] [--sessions 16] [--messages 1000] [--octets 2048] [--per-connection 100]
//             [--file MESSAGE] [--seconds S] [--from sender@example.org] [--rcpt user%d@demo.test --mailboxes 16]
//             [--lmtp] [--login BASE64] [--idle N]
//
// --login: what AUTH PLAIN sends. With --seconds no message begins after that time; --messages still bounds their
// number.
//
// Prints one JSON object: messages, refused, seconds, rate, p50_ms and p99_ms from MAIL to the last reply.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string host = "127.0.0.1";
  int port = 25;
  int sessions = 16;
  long messages = 1000;
  std::size_t octets = 2048;
  int per_connection = 100;
  std::string from = "sender@example.org";
  std::string rcpt = "user%d@demo.test";
  int mailboxes = 16;
  std::string file;  // the message to send; empty: one of `octets`
  bool lmtp = false;
  std::string login;  // empty: nobody logs in
  int idle = 0;
  double seconds = 0;  // 0: until all messages are sent
};

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(2);
}

enum class State { kGreeting, kHello, kLogin, kMail, kRcpt, kData, kBody, kQuit };

struct Session {
  int fd = -1;
  State state = State::kGreeting;
  std::string in;
  std::string_view out;  // what is left to send; points into a string that outlives the run
  std::string command;
  int sent_here = 0;
  bool waits_to_write = false;
  Clock::time_point began;
};

/// Headers and text of `octets` octets in all, lines of 72, ended by the dot line.
std::string message_of(const std::string& from, std::size_t octets) {
  std::string text = "From: <" + from +
                     ">\r\nTo: <reader@demo.test>\r\nSubject: load\r\n"
                     "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <load@example.org>\r\n\r\n";
  while (text.size() + 2 < octets) {
    const std::size_t room = std::min<std::size_t>(70, octets - text.size() - 2);
    text.append(room, 'x');
    text += "\r\n";
  }
  return text + ".\r\n";
}

/// A message as a file has it, dots doubled, ended by the dot line.
std::string message_in(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text;
  for (std::string line; std::getline(in, line);) text += (line.starts_with('.') ? "." : "") + line + "\n";
  if (text.empty()) die(file.c_str());
  return text + ".\r\n";
}

class Load {
 public:
  explicit Load(Options options)
      : options_(std::move(options)),
        body_(options_.file.empty() ? message_of(options_.from, options_.octets) : message_in(options_.file)) {
    poll_ = epoll_create1(EPOLL_CLOEXEC);
    if (poll_ < 0) die("epoll");
  }

  void run() {
    const auto began = Clock::now();
    if (options_.seconds > 0)
      until_ = began + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(options_.seconds));
    std::vector<Session> sessions(static_cast<std::size_t>(options_.sessions));
    for (auto& session : sessions) {
      if (all_started()) break;
      connect(session);
    }
    std::array<epoll_event, 256> events;
    while (open_ > 0) {
      const int ready = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), 60'000);
      if (ready == 0) {
        std::fprintf(stderr, "smtp_load: nothing happened for 60 s\n");
        break;
      }
      for (int i = 0; i < ready; ++i) serve(*static_cast<Session*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    report(std::max(1e-9, std::chrono::duration<double>(last_done_ - began).count()));
  }

  /// Opens sessions, greets, and leaves them idle; prints a line when all stand, and ends when standard input does.
  void hold() {
    std::vector<Session> sessions(static_cast<std::size_t>(options_.idle));
    for (auto& session : sessions) {
      open_socket(session, 0);
      read_reply_blocking(session);
      const std::string hello = "EHLO idle.example.org\r\n";
      if (write(session.fd, hello.data(), hello.size()) < 0) die("write");
      read_reply_blocking(session);
    }
    std::printf("{\"idle\": %d}\n", options_.idle);
    std::fflush(stdout);
    char octet = 0;
    while (read(0, &octet, 1) > 0) {
    }
    for (auto& session : sessions) close(session.fd);
  }

 private:
  [[nodiscard]] bool all_started() const {
    return to_start_ >= options_.messages || (options_.seconds > 0 && Clock::now() >= until_);
  }

  /// `more` is SOCK_NONBLOCK where nobody may wait for a server whose listen queue is full.
  void open_socket(Session& session, int more) {
    session.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | more, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr);
    const int one = 1;
    setsockopt(session.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(session.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS)
      die("connect");
  }

  void read_reply_blocking(Session& session) {
    std::array<char, 2048> buffer;
    session.in.clear();
    while (true) {
      const auto got = read(session.fd, buffer.data(), buffer.size());
      if (got <= 0) die("greeting");
      session.in.append(buffer.data(), static_cast<std::size_t>(got));
      const auto last = session.in.rfind("\r\n", session.in.size() - 3);
      const std::size_t start = last == std::string::npos ? 0 : last + 2;
      if (session.in.ends_with("\r\n") && session.in.size() > start + 3 && session.in[start + 3] == ' ') return;
    }
  }

  void connect(Session& session) {
    open_socket(session, SOCK_NONBLOCK);
    session.state = State::kGreeting;
    session.in.clear();
    session.sent_here = 0;
    session.waits_to_write = false;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &session;
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, session.fd, &event) != 0) die("epoll_ctl");
    ++open_;
  }

  void serve(Session& session) {
    std::array<char, 16384> buffer;
    const auto got = read(session.fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EAGAIN) return flush(session);
    if (got <= 0) return lost(session);
    session.in.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t end = 0;
    while ((end = session.in.find("\r\n")) != std::string::npos) {
      const std::string line = session.in.substr(0, end);
      session.in.erase(0, end + 2);
      if (line.size() > 3 && line[3] == '-') continue;
      reply(session, std::atoi(line.c_str()), line);
      if (session.fd < 0) return;
    }
  }

  void reply(Session& session, int code, const std::string& line) {
    switch (session.state) {
      case State::kGreeting:
        return say(session, State::kHello, options_.lmtp ? "LHLO load.example.org\r\n" : "EHLO load.example.org\r\n");
      case State::kHello:
        if (!options_.login.empty()) return say(session, State::kLogin, "AUTH PLAIN " + options_.login + "\r\n");
        return next_message(session);
      case State::kLogin:
        if (code != 235) {
          ++to_start_;  // so that those who may not log in come to an end
          return refuse(session, line);
        }
        return next_message(session);
      case State::kMail:
        if (code != 250) return refuse(session, line);
        return say(session, State::kRcpt, "RCPT TO:<" + recipient() + ">\r\n");
      case State::kRcpt:
        if (code != 250) return refuse(session, line);
        return say(session, State::kData, "DATA\r\n");
      case State::kData:
        if (code != 354) return refuse(session, line);
        session.state = State::kBody;
        session.out = body_;
        return flush(session);
      case State::kBody:
        if (code != 250) return refuse(session, line);
        ++done_;
        last_done_ = Clock::now();
        latencies_ms_.push_back(std::chrono::duration<float, std::milli>(last_done_ - session.began).count());
        return next_message(session);
      case State::kQuit:
        return end(session);
    }
  }

  std::string recipient() {
    char text[256];
    std::snprintf(text, sizeof text, options_.rcpt.c_str(), static_cast<int>(turn_++ % options_.mailboxes));
    return text;
  }

  void next_message(Session& session) {
    if (all_started() || session.sent_here == options_.per_connection) return say(session, State::kQuit, "QUIT\r\n");
    ++to_start_;
    ++session.sent_here;
    session.began = Clock::now();
    say(session, State::kMail, "MAIL FROM:<" + options_.from + ">\r\n");
  }

  void refuse(Session& session, const std::string& line) {
    ++refusals_[line.substr(0, 60)];
    ++refused_;
    say(session, State::kQuit, "QUIT\r\n");
  }

  void say(Session& session, State state, std::string command) {
    session.state = state;
    session.command = std::move(command);
    session.out = session.command;
    flush(session);
  }

  void flush(Session& session) {
    while (!session.out.empty()) {
      const auto sent = send(session.fd, session.out.data(), session.out.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) return watch(session, EPOLLIN | EPOLLOUT);
      if (sent < 0) return lost(session);
      session.out.remove_prefix(static_cast<std::size_t>(sent));
    }
    if (session.waits_to_write) watch(session, EPOLLIN);
  }

  void watch(Session& session, std::uint32_t events) {
    session.waits_to_write = (events & EPOLLOUT) != 0;
    epoll_event event{};
    event.events = events;
    event.data.ptr = &session;
    epoll_ctl(poll_, EPOLL_CTL_MOD, session.fd, &event);
  }

  void lost(Session& session) {
    if (session.state != State::kGreeting && session.state != State::kQuit && session.state != State::kHello &&
        session.state != State::kLogin) {
      ++refused_;
      ++refusals_["connection lost"];
    }
    end(session);
  }

  void end(Session& session) {
    close(session.fd);
    session.fd = -1;
    --open_;
    if (!all_started()) connect(session);
  }

  void report(double seconds) {
    std::sort(latencies_ms_.begin(), latencies_ms_.end());
    const auto at = [&](double share) {
      if (latencies_ms_.empty()) return 0.0F;
      return latencies_ms_[std::min(latencies_ms_.size() - 1,
                                    static_cast<std::size_t>(share * static_cast<double>(latencies_ms_.size())))];
    };
    for (const auto& [line, times] : refusals_) std::fprintf(stderr, "smtp_load: %ld x %s\n", times, line.c_str());
    std::printf(
        "{\"messages\": %ld, \"refused\": %ld, \"seconds\": %.4f, \"rate\": %.1f, \"p50_ms\": %.3f, \"p99_ms\": "
        "%.3f}\n",
        done_, refused_, seconds, static_cast<double>(done_) / seconds, at(0.50), at(0.99));
  }

  Options options_;
  std::string body_;
  int poll_ = -1;
  int open_ = 0;
  long to_start_ = 0;
  long done_ = 0;
  long refused_ = 0;
  long turn_ = 0;
  Clock::time_point until_;
  Clock::time_point last_done_ = Clock::now();
  std::vector<float> latencies_ms_;
  std::map<std::string, long> refusals_;
};

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--lmtp") {
      options.lmtp = true;
      continue;
    }
    if (i + 1 == argc) die("a value is missing");
    const std::string value = argv[++i];
    if (name == "--host")
      options.host = value;
    else if (name == "--port")
      options.port = std::stoi(value);
    else if (name == "--sessions")
      options.sessions = std::stoi(value);
    else if (name == "--messages")
      options.messages = std::stol(value);
    else if (name == "--octets")
      options.octets = std::stoul(value);
    else if (name == "--per-connection")
      options.per_connection = std::stoi(value);
    else if (name == "--from")
      options.from = value;
    else if (name == "--rcpt")
      options.rcpt = value;
    else if (name == "--mailboxes")
      options.mailboxes = std::stoi(value);
    else if (name == "--login")
      options.login = value;
    else if (name == "--idle")
      options.idle = std::stoi(value);
    else if (name == "--file")
      options.file = value;
    else if (name == "--seconds")
      options.seconds = std::stod(value);
    else {
      std::fprintf(stderr, "smtp_load: unknown option %s\n", argv[i - 1]);
      std::exit(2);
    }
  }
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse(argc, argv);
  Load load(options);
  if (options.idle > 0)
    load.hold();
  else
    load.run();
  return 0;
}
