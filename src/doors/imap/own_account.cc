#include "doors/imap/own_account.h"

#include "state/directory/snapshot.h"

namespace veredus::doors::imap {

bool account_is_gone(const Talk& talk) {
  return talk.session.login && talk.services.directory.snapshot()->account(talk.session.account()) == nullptr;
}

}  // namespace veredus::doors::imap
