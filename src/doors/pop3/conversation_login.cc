#include <utility>

#include "doors/pop3/conversation.h"

namespace veredus::doors::pop3 {

work::login::Caller Conversation::caller() const { return {stream_.peer(), visit_.session(), visit_.client()}; }

asio::awaitable<Step> Conversation::check_password(CheckPassword check) {
  co_return session_.password_checked(co_await door_->authenticator_.check(caller(), std::move(check)));
}

asio::awaitable<Step> Conversation::fetch_scram_keys(FetchScramKeys question) {
  co_return session_.scram_keys(co_await door_->authenticator_.scram_keys(caller(), std::move(question)));
}

asio::awaitable<Step> Conversation::authorize_scram(AuthorizeScram question) {
  co_return session_.password_checked(co_await door_->authenticator_.authorize(caller(), std::move(question)));
}

Step Conversation::note_auth_failure(std::string_view user) {
  door_->authenticator_.note_guess(caller(), user);
  return session_.auth_failure_noted();
}

}  // namespace veredus::doors::pop3
