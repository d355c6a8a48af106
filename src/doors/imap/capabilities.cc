#include "doors/imap/capabilities.h"

#include "work/login/attempt.h"
#include "work/login/plain_auth.h"

namespace veredus::doors::imap {
namespace {

void append_logins(std::string& out, const Session& session, const SessionOptions& options) {
  if (options.offer_tls && !session.tls) out.append(" STARTTLS");
  if (!work::login::may_log_in(options.plain_auth, session.tls, session.local_machine)) {
    out.append(" LOGINDISABLED");  // RFC 9051 s6.2.3
    return;
  }
  for (const auto mechanism : work::login::offered_mechanisms(session.channel_bindings))
    out.append(" AUTH=").append(mechanism);
}

}  // namespace

std::string capabilities(const Session& session, const SessionOptions& options) {
  std::string out = "IMAP4rev1 LITERAL+ ENABLE ID IDLE SASL-IR";
  if (!session.login) {
    append_logins(out, session, options);
    return out.append(" IMAP4rev2");
  }
  out.append(
      " NAMESPACE CHILDREN UNSELECT UIDPLUS MOVE SPECIAL-USE CREATE-SPECIAL-USE LIST-EXTENDED LIST-STATUS "
      "LIST-MYRIGHTS LIST-METADATA"
      " ESEARCH SEARCHRES CONTEXT=SEARCH CONTEXT=SORT ESORT SORT SORT=DISPLAY THREAD=ORDEREDSUBJECT THREAD=REFERENCES "
      "THREAD=REFS"
      " WITHIN PARTIAL CONDSTORE QRESYNC BINARY STATUS=SIZE MULTIAPPEND CATENATE REPLACE UTF8=ACCEPT SAVEDATE PREVIEW"
      " OBJECTID QUOTA QUOTA=RES-STORAGE QUOTA=RES-MESSAGE ACL RIGHTS=kxte METADATA NOTIFY INPROGRESS UNAUTHENTICATE"
      " UIDONLY");
  if (!session.compressed) out.append(" COMPRESS=DEFLATE");
  if (options.message_limit != 0) out.append(" MESSAGELIMIT=").append(std::to_string(options.message_limit));
  out.append(" APPENDLIMIT=").append(std::to_string(options.max_message_octets));
  return out.append(" IMAP4rev2");
}

}  // namespace veredus::doors::imap
