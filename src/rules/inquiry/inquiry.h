#pragma once

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>

#include "rules/inquiry/question.h"

/// Rules that need DNS are written as coroutines that ask (`co_await ask(type, name)`), and know nothing of who
/// answers: a resolver of io/dns, a zone of a test, a server named on the command line. One that asks is an Inquiry<T>:
///
///   auto inquiry = spf::check_host(subject, options);
///   while (const auto* question = inquiry.question()) inquiry.answer(look_up(*question));
///   use(inquiry.take());
namespace veredus::rules::inquiry {

/// What an inquiry and those it waits for have in common: one of them at a time has a question.
struct Desk {
  std::optional<Question> question;
  Reply reply;
  std::coroutine_handle<> asker;
};

/// Awaited by a rule: hands the question out, and returns what was answered.
class Ask {
 public:
  explicit Ask(Question question) : question_(std::move(question)) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  void await_suspend(std::coroutine_handle<Promise> asker) {
    desk_ = asker.promise().desk;
    desk_->question = std::move(question_);
    desk_->asker = asker;
  }
  [[nodiscard]] Reply await_resume() { return std::move(desk_->reply); }

 private:
  Question question_;
  Desk* desk_ = nullptr;
};

[[nodiscard]] inline Ask ask(RecordType type, std::string name) {
  return Ask(Question{.type = type, .name = std::move(name)});
}

/// A rule at work. Movable; one thread at a time. Awaiting it inside another one passes its questions on.
template <class T>
class [[nodiscard]] Inquiry {
 public:
  class promise_type;
  using Handle = std::coroutine_handle<promise_type>;

  Inquiry(Inquiry&& other) noexcept : handle_(std::exchange(other.handle_, {})), desk_(std::move(other.desk_)) {}
  Inquiry& operator=(Inquiry&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(desk_, other.desk_);
    return *this;
  }
  Inquiry(const Inquiry&) = delete;
  Inquiry& operator=(const Inquiry&) = delete;
  ~Inquiry() {
    if (handle_) handle_.destroy();
  }

  /// What it wants to know next; nullptr: it is at its end. Stands until answer().
  [[nodiscard]] const Question* question() {
    if (!desk_) {
      desk_ = std::make_unique<Desk>();
      handle_.promise().desk = desk_.get();
      handle_.resume();
    }
    return desk_->question ? &*desk_->question : nullptr;
  }
  void answer(Reply reply) {
    desk_->question.reset();
    desk_->reply = std::move(reply);
    desk_->asker.resume();
  }
  /// What came out, once question() is nullptr. Once.
  [[nodiscard]] T take() { return std::move(*handle_.promise().value); }

  // Awaited by another inquiry.
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Promise>
  Handle await_suspend(std::coroutine_handle<Promise> waiting) {
    handle_.promise().desk = waiting.promise().desk;
    handle_.promise().waiting = waiting;
    return handle_;
  }
  [[nodiscard]] T await_resume() { return take(); }

 private:
  explicit Inquiry(Handle handle) : handle_(handle) {}

  Handle handle_;
  std::unique_ptr<Desk> desk_;  // of the outermost
};

template <class T>
class Inquiry<T>::promise_type {
 public:
  Desk* desk = nullptr;
  std::coroutine_handle<> waiting;
  std::optional<T> value;

  Inquiry get_return_object() { return Inquiry(Handle::from_promise(*this)); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  auto final_suspend() noexcept {
    struct GoOn {
      [[nodiscard]] bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(Handle done) noexcept {
        const auto next = done.promise().waiting;
        return next ? next : std::noop_coroutine();
      }
      void await_resume() const noexcept {}
    };
    return GoOn{};
  }
  void return_value(T result) { value = std::move(result); }
  void unhandled_exception() { throw; }  // bad_alloc alone: rules throw nothing
};

}  // namespace veredus::rules::inquiry
