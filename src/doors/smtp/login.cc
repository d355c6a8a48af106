#include <utility>

#include "doors/smtp/conversation.h"
#include "doors/smtp/figures.h"

namespace veredus::doors::smtp {

work::login::Caller Conversation::caller() const {
  return {connection_.stream.peer(), visit_.session(), visit_.client()};
}

asio::awaitable<Step> Conversation::perform(CheckPassword check) {
  co_return session_.password_checked(co_await door_->authenticator_.check(caller(), std::move(check)));
}

asio::awaitable<Step> Conversation::perform(FetchScramKeys question) {
  co_return session_.scram_keys(co_await door_->authenticator_.scram_keys(caller(), std::move(question)));
}

asio::awaitable<Step> Conversation::perform(AuthorizeScram question) {
  co_return session_.password_checked(co_await door_->authenticator_.authorize(caller(), std::move(question)));
}

asio::awaitable<Step> Conversation::perform(NoteAuthFailure failure) {
  door_->authenticator_.note_guess(caller(), failure.user);
  co_return session_.auth_failure_noted();
}

}  // namespace veredus::doors::smtp
