#include "doors/imap/own_account.h"

#include "state/directory/snapshot.h"

namespace veredus::doors::imap {

std::string_view why_account_went(const Talk& talk) {
  if (!talk.session.login) return {};
  const auto now = talk.services.directory.snapshot();
  const auto* account = now->account(talk.session.account());
  if (account == nullptr) return "The account is gone";
  return account->disabled ? "The account is disabled" : "";
}

}  // namespace veredus::doors::imap
