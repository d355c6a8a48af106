#include "app/config/sections.h"

namespace veredus::app::config {

void read_smtp(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "smtp", place, errors), "smtp.", place.file, errors);
  in.read_size(in.key("smtp.max_message_size"), to.smtp.max_message_octets);
  in.read(in.key("smtp.max_recipients"), to.smtp.max_recipients, 100);  // RFC 5321 s4.5.3.1.8
  in.read(in.key("smtp.max_messages"), to.smtp.max_messages, 1);
  in.read(in.key("smtp.max_errors"), to.smtp.max_errors, 1);
  in.read(in.key("smtp.max_received"), to.reception.max_received, 30, 1000);
  in.read(in.key("smtp.note_login"), to.smtp.note_login);
  in.read(in.key("smtp.max_hold"), to.smtp.max_hold);
  using Check = doors::smtp::HeloCheck;
  if (const auto choice = in.read_choice(in.key("smtp.helo_check"), {"any", "syntax", "not-our-name"}))
    to.smtp.helo_check = *choice == 0 ? Check::kAnyWord : *choice == 1 ? Check::kSyntax : Check::kNotOurName;
  in.read(in.key("smtp.greeting_delay"), to.smtp_timeouts.greeting_delay);
  in.read(in.key("smtp.command_timeout"), to.smtp_timeouts.command);
  in.read(in.key("smtp.data_timeout"), to.smtp_timeouts.data);
  in.read(in.key("smtp.sessions_per_minute_from_address"), to.smtp_rates.sessions_from_address);
  in.read(in.key("smtp.messages_per_minute_from_address"), to.smtp_rates.messages_from_address);
  in.read(in.key("smtp.sessions_per_minute"), to.smtp_rates.sessions_in_all);
  in.read(in.key("smtp.messages_per_minute"), to.smtp_rates.messages_in_all);
  in.read(in.key("smtp.limit_local_machine"), to.smtp_rates.limit_local_machine);
  in.finish();
}

void read_pop3(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "pop3", place, errors), "pop3.", place.file, errors);
  in.read(in.key("pop3.idle_timeout"), to.pop3_timeouts.idle);
  in.read(in.key("pop3.login_delay"), to.pop3.login_delay);
  in.read(in.key("pop3.sessions_per_account"), to.pop3_accounts.sessions, 1, 1000);
  in.read(in.key("pop3.max_errors"), to.pop3.max_errors, 1);
  in.finish();
}

void read_imap(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "imap", place, errors), "imap.", place.file, errors);
  in.read(in.key("imap.idle_timeout"), to.imap_timeouts.idle);
  in.read(in.key("imap.sign_of_life"), to.imap_timeouts.sign_of_life);
  in.read(in.key("imap.sessions_per_account"), to.imap_accounts.sessions, 1, 10'000);
  in.read(in.key("imap.max_errors"), to.imap.max_errors, 1);
  in.read(in.key("imap.message_limit"), to.imap.message_limit, 1000);  // RFC 9738 s3
  in.finish();
}

void read_login(const toml::table& file, const Place& place, Configuration& to, std::vector<ConfigError>& errors) {
  TableReader in(table_of(file, "login", place, errors), "login.", place.file, errors);
  bool plain_locally = false;
  in.read(in.key("login.without_tls_locally"), plain_locally);
  if (plain_locally) {
    to.smtp.plain_auth = doors::smtp::PlainAuth::kLocalMachine;
    to.pop3.plain_auth = doors::pop3::PlainAuth::kLocalMachine;
    to.imap.plain_auth = doors::imap::PlainAuth::kLocalMachine;
  }
  in.read(in.key("login.default_domain"), to.directory.default_domain);
  in.read(in.key("login.min_password_octets"), to.directory.min_password_octets, 1, 1024);
  in.read(in.key("login.free_failures"), to.auth_throttle.free_failures);
  in.read(in.key("login.failures_to_ban_address"), to.auth_throttle.failures_to_ban_address, 1);
  in.read(in.key("login.failures_to_ban_account"), to.auth_throttle.failures_to_ban_account, 1);
  in.read(in.key("login.ban"), to.auth_throttle.ban);
  in.finish();
}

}  // namespace veredus::app::config
