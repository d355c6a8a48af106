#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "io/dns/figures.h"
#include "io/dns/unbound_resolver.h"
#include "io/net/asio.h"

struct ub_ctx;
struct ub_result;

namespace veredus::io::dns {

/// An answer before its records are read.
struct RawAnswer {
  std::vector<std::string> rdata;
  std::chrono::seconds ttl{};
  bool authentic = false;
  std::string canonical_name;
};

/// The questions that are open, and the thread that carries them to libunbound and answers back. Everything but ask()
/// and stop() happens on that thread.
class UnboundResolver::Questions : public std::enable_shared_from_this<Questions> {
 public:
  using Outcome = std::expected<RawAnswer, DnsError>;
  struct ContextEnd {
    void operator()(ub_ctx* context) const;
  };
  using Context = std::unique_ptr<ub_ctx, ContextEnd>;

  Questions(const ResolverOptions& options, Context context, base::observe::Metrics& metrics);
  ~Questions();
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;

  void start();
  /// Any thread but its own; again is nothing.
  void stop();
  /// `name` as escaped_query_name() made it. Any executor.
  asio::awaitable<Outcome> ask(std::string name, RecordType type);

 private:
  struct Question;
  using Shared = std::shared_ptr<Question>;
  /// What libunbound holds on to while it works; it may do so after the asker has been answered.
  struct Ticket;
  class Cancel;

  /// False: stopped, and it will not be asked.
  bool submit(Shared question);
  void take(const Shared& question);
  void ask_next();
  void ask_library(const Shared& question);
  static void answered(void* ticket, int error, ub_result* result);
  void finish(const Shared& question, Outcome outcome);
  void listen();
  void look_at_deadlines();
  void end();

  const std::chrono::milliseconds deadline_;
  const std::size_t in_flight_limit_;
  const std::size_t waiting_limit_;
  Figures figures_;
  asio::io_context io_;
  asio::posix::stream_descriptor answers_;  // readable when libunbound has some
  asio::steady_timer sweep_;
  std::list<Shared> open_;     // asked of libunbound or waiting for it; the oldest, so the next to be due, first
  std::list<Shared> waiting_;  // of these, those libunbound does not know yet
  std::list<Ticket> tickets_;
  std::size_t in_flight_ = 0;
  Context context_;  // ends before the tickets do

  std::mutex closing_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace veredus::io::dns
