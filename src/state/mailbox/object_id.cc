#include "state/mailbox/object_id.h"

#include <cstdint>
#include <limits>

namespace veredus::state::mailbox {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";

void put_number(std::string& out, std::uint64_t number) {
  int digits = 1;
  while (digits < 13 && number >> (5 * digits) != 0) ++digits;
  while (digits-- > 0) out.push_back(kDigits[number >> (5 * digits) & 31]);
}

std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.empty() || text.size() > 13 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t number = 0;
  for (const char digit : text) {
    const auto value = kDigits.find(digit);
    if (value == std::string_view::npos || number >> 59 != 0) return std::nullopt;
    number = number << 5 | value;
  }
  return number;
}

std::string made(char letter, std::uint64_t account, std::uint64_t id) {
  std::string text(1, letter);
  put_number(text, account);
  text.push_back('-');
  put_number(text, id);
  return text;
}

template <class Id>
std::optional<ObjectId<Id>> parsed(char letter, std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || text.front() != letter) return std::nullopt;
  const auto account = number_of(text.substr(1, dash - 1));
  const auto id = number_of(text.substr(dash + 1));
  if (!account || !id || *id > std::numeric_limits<typename Id::rep>::max()) return std::nullopt;
  return ObjectId<Id>{AccountId(*account), Id(static_cast<typename Id::rep>(*id))};
}

}  // namespace

std::string object_id(AccountId account, MailboxId mailbox) { return made('F', account.value, mailbox.value); }
std::string object_id(AccountId account, EmailId email) { return made('M', account.value, email.value); }
std::string object_id(AccountId account, ThreadId thread) { return made('T', account.value, thread.value); }

std::optional<ObjectId<MailboxId>> parse_mailbox_object_id(std::string_view text) {
  return parsed<MailboxId>('F', text);
}
std::optional<ObjectId<EmailId>> parse_email_object_id(std::string_view text) { return parsed<EmailId>('M', text); }
std::optional<ObjectId<ThreadId>> parse_thread_object_id(std::string_view text) { return parsed<ThreadId>('T', text); }

}  // namespace veredus::state::mailbox
