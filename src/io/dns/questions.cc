#include "io/dns/questions.h"

#include <pthread.h>
#include <unbound.h>

#include <algorithm>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <optional>
#include <utility>

#include "base/codec/ascii.h"
#include "base/types/result.h"

namespace veredus::io::dns {
namespace {

constexpr int kClassIn = 1;         // RFC 1035 s3.2.4
constexpr int kRcodeNoError = 0;    // RFC 1035 s4.1.1
constexpr int kRcodeNameError = 3;  // the same
constexpr auto kDeadlineStep = std::chrono::milliseconds(500);

struct ResultEnd {
  void operator()(ub_result* result) const { ub_resolve_free(result); }
};
using OwnedResult = std::unique_ptr<ub_result, ResultEnd>;

std::string canonical_name(const ub_result& result, const std::string& asked) {
  if (result.canonname == nullptr) return asked;
  std::string_view name(result.canonname);
  if (name.size() > 1 && name.ends_with('.')) name.remove_suffix(1);
  return base::codec::to_lower_ascii(name);
}

/// NODATA is an answer; everything else that is no answer is an error of its own kind.
std::expected<RawAnswer, DnsError> read(const ub_result& result, const std::string& asked) {
  if (result.bogus != 0) return std::unexpected(DnsError::kBogus);
  if (result.nxdomain != 0 || result.rcode == kRcodeNameError) return std::unexpected(DnsError::kNoSuchName);
  if (result.rcode != kRcodeNoError) return std::unexpected(DnsError::kServerFailure);
  RawAnswer answer;
  answer.ttl = std::chrono::seconds(std::max(result.ttl, 0));
  answer.authentic = result.secure != 0;
  answer.canonical_name = canonical_name(result, asked);
  if (result.havedata == 0) return answer;
  for (std::size_t i = 0; result.data[i] != nullptr; ++i)
    answer.rdata.emplace_back(result.data[i], static_cast<std::size_t>(result.len[i]));
  return answer;
}

}  // namespace

struct UnboundResolver::Questions::Question {
  std::string name;
  RecordType type = RecordType::kA;
  std::move_only_function<void(Outcome)> resume;  // empty: answered
  std::chrono::steady_clock::time_point asked_at;
  bool in_flight = false;
  std::optional<std::list<Shared>::iterator> open_place;
  std::optional<std::list<Shared>::iterator> waiting_place;
};

struct UnboundResolver::Questions::Ticket {
  Questions* questions;
  Shared question;
  std::list<Ticket>::iterator place;
};

/// What the asker's cancellation does: the question ends, whether or not libunbound still works on it.
class UnboundResolver::Questions::Cancel {
 public:
  Cancel(std::weak_ptr<Questions> questions, std::weak_ptr<Question> question)
      : questions_(std::move(questions)), question_(std::move(question)) {}

  void operator()(asio::cancellation_type /*kind*/) const {
    const auto questions = questions_.lock();
    auto question = question_.lock();
    if (!questions || !question) return;
    auto end = [at = questions.get(), question = std::move(question)] {
      at->finish(question, std::unexpected(DnsError::kStopped));
    };
    asio::post(questions->io_, std::move(end));
  }

 private:
  std::weak_ptr<Questions> questions_;
  std::weak_ptr<Question> question_;
};

void UnboundResolver::Questions::ContextEnd::operator()(ub_ctx* context) const { ub_ctx_delete(context); }

UnboundResolver::Questions::Questions(const ResolverOptions& options, Context context, base::observe::Metrics& metrics)
    : deadline_(options.deadline),
      in_flight_limit_(options.in_flight),
      waiting_limit_(options.waiting),
      figures_(metrics),
      io_(1),
      answers_(io_),
      sweep_(io_),
      context_(std::move(context)) {}

UnboundResolver::Questions::~Questions() = default;

void UnboundResolver::Questions::start() {
  answers_.assign(ub_fd(context_.get()));
  listen();
  look_at_deadlines();
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "dns");
    io_.run();
  });
}

void UnboundResolver::Questions::stop() {
  {
    const std::lock_guard lock(closing_);
    if (std::exchange(closed_, true)) return;
    asio::post(io_, [this] { end(); });
  }
  if (thread_.joinable()) thread_.join();
  context_.reset();
}

void UnboundResolver::Questions::end() {
  while (!open_.empty()) {
    const Shared oldest = open_.front();
    finish(oldest, std::unexpected(DnsError::kStopped));
  }
  answers_.release();  // the descriptor is libunbound's
  sweep_.cancel();
  io_.stop();
}

asio::awaitable<UnboundResolver::Questions::Outcome> UnboundResolver::Questions::ask(std::string name,
                                                                                     RecordType type) {
  auto initiate = [](auto handler, Questions* self, std::string asked, RecordType wanted) {
    auto question = std::make_shared<Question>();
    question->name = std::move(asked);
    question->type = wanted;
    question->asked_at = std::chrono::steady_clock::now();
    auto executor = asio::prefer(asio::any_io_executor(asio::get_associated_executor(handler)),
                                 asio::execution::outstanding_work.tracked);
    if (auto slot = asio::get_associated_cancellation_slot(handler); slot.is_connected()) {
      slot.assign(Cancel(self->weak_from_this(), question));
    }
    question->resume = [executor, handler = std::move(handler)](Outcome outcome) mutable {
      auto wake = [handler = std::move(handler), outcome = std::move(outcome)]() mutable {
        std::move(handler)(std::move(outcome));
      };
      asio::post(executor, std::move(wake));
    };
    if (!self->submit(question)) std::exchange(question->resume, {})(std::unexpected(DnsError::kStopped));
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(Outcome)>(std::move(initiate), asio::use_awaitable,
                                                                             this, std::move(name), type);
}

bool UnboundResolver::Questions::submit(Shared question) {
  const std::lock_guard lock(closing_);
  if (closed_) return false;
  asio::post(io_, [this, question = std::move(question)] { take(question); });
  return true;
}

void UnboundResolver::Questions::take(const Shared& question) {
  if (waiting_.size() >= waiting_limit_) return finish(question, std::unexpected(DnsError::kTooManyQueries));
  question->open_place = open_.insert(open_.end(), question);
  question->waiting_place = waiting_.insert(waiting_.end(), question);
  figures_.open.add(1);
  ask_next();
}

void UnboundResolver::Questions::ask_next() {
  while (in_flight_ < in_flight_limit_ && !waiting_.empty()) {
    const Shared question = std::move(waiting_.front());
    waiting_.pop_front();
    question->waiting_place.reset();
    ask_library(question);
  }
}

void UnboundResolver::Questions::ask_library(const Shared& question) {
  question->in_flight = true;
  ++in_flight_;
  tickets_.push_back({this, question, {}});
  Ticket& ticket = tickets_.back();
  ticket.place = std::prev(tickets_.end());
  const int error = ub_resolve_async(context_.get(), question->name.c_str(), static_cast<int>(question->type), kClassIn,
                                     &ticket, &Questions::answered, nullptr);
  if (error == UB_NOERROR) return;
  tickets_.pop_back();
  finish(question, std::unexpected(DnsError::kServerFailure));
}

void UnboundResolver::Questions::answered(void* ticket, int error, ub_result* result) {
  const OwnedResult owned(result);
  auto* const of = static_cast<Ticket*>(ticket);
  Questions* const self = of->questions;
  const Shared question = std::move(of->question);
  self->tickets_.erase(of->place);
  if (error != UB_NOERROR || !owned) return self->finish(question, std::unexpected(DnsError::kServerFailure));
  self->finish(question, read(*owned, question->name));
}

void UnboundResolver::Questions::finish(const Shared& question, Outcome outcome) {
  if (!question->resume) return;  // answered already, or its asker has gone
  if (question->open_place) {
    open_.erase(*question->open_place);
    figures_.open.add(-1);
  }
  if (question->waiting_place) waiting_.erase(*question->waiting_place);
  if (question->in_flight) --in_flight_;
  const auto error = outcome ? std::nullopt : std::optional(outcome.error());
  figures_.count(error, outcome && !outcome->rdata.empty(), std::chrono::steady_clock::now() - question->asked_at);
  std::exchange(question->resume, {})(std::move(outcome));
}

void UnboundResolver::Questions::listen() {
  answers_.async_wait(asio::posix::stream_descriptor::wait_read, [this](boost::system::error_code failed) {
    if (failed) return;
    // It fails when libunbound's own thread has gone: then there is nothing to listen for, and questions time out.
    if (ub_process(context_.get()) == UB_NOERROR) listen();
    ask_next();
  });
}

void UnboundResolver::Questions::look_at_deadlines() {
  const auto now = std::chrono::steady_clock::now();
  while (!open_.empty() && open_.front()->asked_at + deadline_ <= now) {
    const Shared oldest = open_.front();
    finish(oldest, std::unexpected(DnsError::kTimeout));
  }
  ask_next();
  sweep_.expires_after(std::min<std::chrono::milliseconds>(deadline_, kDeadlineStep));
  sweep_.async_wait([this](boost::system::error_code failed) {
    if (!failed) look_at_deadlines();
  });
}

}  // namespace veredus::io::dns
