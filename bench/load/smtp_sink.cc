// A peer that takes everything: what the crash and fairness runs of the way out deliver to. One thread, epoll.
//
//   smtp_sink --log FILE [--port 0] [--host 127.0.0.1]
//
// Prints {"port": P}, then serves until killed. It writes a line for each message that it takes, before it says 250:
// the system clock in seconds, the reverse path, and the Subject; so what stands there once more than it was sent is a
// duplicate, and what does not stand there was lost.

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace {

[[noreturn]] void die(const char* what) {
  std::perror(what);
  std::exit(2);
}

struct Session {
  explicit Session(int socket) : fd(socket) {}
  int fd;
  std::string in;
  std::string out;
  std::string sender;
  std::string subject;
  bool in_data = false;
  bool in_header = false;
  bool is_over = false;
  bool waits_to_write = false;
};

bool begins_with(std::string_view line, std::string_view word) {
  return line.size() >= word.size() && strncasecmp(line.data(), word.data(), word.size()) == 0;
}

class Sink {
 public:
  Sink(const std::string& host, int port, const std::string& log) {
    poll_ = epoll_create1(EPOLL_CLOEXEC);
    log_ = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (poll_ < 0 || log_ < 0 || listener_ < 0) die("open");
    const int one = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener_, 1024) != 0)
      die("listen");
    socklen_t size = sizeof address;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    watch(listener_, EPOLLIN, nullptr, EPOLL_CTL_ADD);
    std::printf("{\"port\": %d}\n", ntohs(address.sin_port));
    std::fflush(stdout);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events;
    while (true) {
      const int ready = epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < ready; ++i) {
        auto* session = static_cast<Session*>(events[static_cast<std::size_t>(i)].data.ptr);
        session == nullptr ? accept_all() : serve(session);
      }
    }
  }

 private:
  void watch(int fd, std::uint32_t what, Session* session, int how) {
    epoll_event event{};
    event.events = what;
    event.data.ptr = session;
    if (epoll_ctl(poll_, how, fd, &event) != 0) die("epoll_ctl");
  }

  void accept_all() {
    while (true) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
      if (fd < 0) return;
      const int one = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      auto* session = new Session(fd);
      watch(fd, EPOLLIN, session, EPOLL_CTL_ADD);
      session->out = "220 sink.test ESMTP\r\n";
      flush(*session);
    }
  }

  void serve(Session* session) {
    std::array<char, 65536> buffer;
    const auto got = read(session->fd, buffer.data(), buffer.size());
    if (got == 0 || (got < 0 && errno != EAGAIN)) session->is_over = true;
    if (got > 0) session->in.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = session->in.find("\r\n", begin)) != std::string::npos; begin = end + 2)
      take_line(*session, std::string_view(session->in).substr(begin, end - begin));
    session->in.erase(0, begin);
    flush(*session);
    if (!session->is_over) return;
    close(session->fd);
    delete session;
  }

  void take_line(Session& session, std::string_view line) {
    if (session.in_data) return take_text(session, line);
    if (begins_with(line, "EHLO")) {
      session.out +=
          "250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SIZE 104857600\r\n250 ENHANCEDSTATUSCODES\r\n";
    } else if (begins_with(line, "MAIL FROM:")) {
      session.sender = line.substr(10, line.find('>') == line.npos ? line.npos : line.find('>') - 9);
      session.subject.clear();
      session.out += "250 2.1.0 Ok\r\n";
    } else if (begins_with(line, "DATA")) {
      session.in_data = session.in_header = true;
      session.out += "354 Go on\r\n";
    } else if (begins_with(line, "QUIT")) {
      session.out += "221 2.0.0 Bye\r\n";
      session.is_over = true;
    } else {
      session.out += "250 2.0.0 Ok\r\n";  // HELO, RCPT, RSET, NOOP
    }
  }

  void take_text(Session& session, std::string_view line) {
    if (line.empty()) session.in_header = false;
    if (session.in_header && begins_with(line, "Subject: ")) session.subject = line.substr(9);
    if (line != ".") return;
    session.in_data = false;
    const auto now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    std::array<char, 32> time;
    std::snprintf(time.data(), time.size(), "%.4f ", now);
    const std::string note = time.data() + session.sender + " " + session.subject + "\n";
    if (write(log_, note.data(), note.size()) != static_cast<ssize_t>(note.size())) die("log");
    session.out += "250 2.0.0 Taken\r\n";
  }

  void flush(Session& session) {
    while (!session.out.empty()) {
      const auto sent = send(session.fd, session.out.data(), session.out.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EAGAIN) {
        session.waits_to_write = true;
        return watch(session.fd, EPOLLIN | EPOLLOUT, &session, EPOLL_CTL_MOD);
      }
      if (sent < 0) return void(session.is_over = true);
      session.out.erase(0, static_cast<std::size_t>(sent));
    }
    if (session.waits_to_write) watch(session.fd, EPOLLIN, &session, EPOLL_CTL_MOD);
    session.waits_to_write = false;
  }

  int poll_ = -1;
  int log_ = -1;
  int listener_ = -1;
};

}  // namespace

int main(int argc, char** argv) {
  std::string host = "127.0.0.1", log;
  int port = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    if (name == "--host") host = argv[i + 1];
    if (name == "--port") port = std::atoi(argv[i + 1]);
    if (name == "--log") log = argv[i + 1];
  }
  if (log.empty()) die("--log FILE is missing");
  Sink(host, port, log).run();
}
