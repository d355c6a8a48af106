#include "wire/imap/command.h"

#include <algorithm>

#include "base/codec/ascii.h"
#include "base/types/overloaded.h"

namespace veredus::wire::imap {
namespace {

constexpr std::string_view name(const Capability&) { return "CAPABILITY"; }
constexpr std::string_view name(const Noop&) { return "NOOP"; }
constexpr std::string_view name(const Logout&) { return "LOGOUT"; }
constexpr std::string_view name(const StartTls&) { return "STARTTLS"; }
constexpr std::string_view name(const Namespace&) { return "NAMESPACE"; }
constexpr std::string_view name(const Idle&) { return "IDLE"; }
constexpr std::string_view name(const Check&) { return "CHECK"; }
constexpr std::string_view name(const Close&) { return "CLOSE"; }
constexpr std::string_view name(const Unselect&) { return "UNSELECT"; }
constexpr std::string_view name(const Unauthenticate&) { return "UNAUTHENTICATE"; }
constexpr std::string_view name(const Id&) { return "ID"; }
constexpr std::string_view name(const Authenticate&) { return "AUTHENTICATE"; }
constexpr std::string_view name(const Login&) { return "LOGIN"; }
constexpr std::string_view name(const Enable&) { return "ENABLE"; }
constexpr std::string_view name(const Compress&) { return "COMPRESS"; }
constexpr std::string_view name(const Select& select) { return select.read_only ? "EXAMINE" : "SELECT"; }
constexpr std::string_view name(const Create&) { return "CREATE"; }
constexpr std::string_view name(const Delete&) { return "DELETE"; }
constexpr std::string_view name(const Rename&) { return "RENAME"; }
constexpr std::string_view name(const Subscribe&) { return "SUBSCRIBE"; }
constexpr std::string_view name(const Unsubscribe&) { return "UNSUBSCRIBE"; }
constexpr std::string_view name(const List&) { return "LIST"; }
constexpr std::string_view name(const Lsub&) { return "LSUB"; }
constexpr std::string_view name(const Status&) { return "STATUS"; }
constexpr std::string_view name(const Append&) { return "APPEND"; }
constexpr std::string_view name(const Replace& replace) { return replace.uid ? "UID REPLACE" : "REPLACE"; }
constexpr std::string_view name(const Expunge& expunge) { return expunge.uids ? "UID EXPUNGE" : "EXPUNGE"; }
constexpr std::string_view name(const Store& store) { return store.uid ? "UID STORE" : "STORE"; }
constexpr std::string_view name(const Copy& copy) { return copy.uid ? "UID COPY" : "COPY"; }
constexpr std::string_view name(const Move& move) { return move.uid ? "UID MOVE" : "MOVE"; }
constexpr std::string_view name(const Fetch& fetch) { return fetch.uid ? "UID FETCH" : "FETCH"; }
constexpr std::string_view name(const Search& search) { return search.uid ? "UID SEARCH" : "SEARCH"; }
constexpr std::string_view name(const Sort& sort) { return sort.uid ? "UID SORT" : "SORT"; }
constexpr std::string_view name(const Thread& thread) { return thread.uid ? "UID THREAD" : "THREAD"; }
constexpr std::string_view name(const CancelUpdate&) { return "CANCELUPDATE"; }
constexpr std::string_view name(const SetAcl&) { return "SETACL"; }
constexpr std::string_view name(const DeleteAcl&) { return "DELETEACL"; }
constexpr std::string_view name(const GetAcl&) { return "GETACL"; }
constexpr std::string_view name(const ListRights&) { return "LISTRIGHTS"; }
constexpr std::string_view name(const MyRights&) { return "MYRIGHTS"; }
constexpr std::string_view name(const GetQuota&) { return "GETQUOTA"; }
constexpr std::string_view name(const GetQuotaRoot&) { return "GETQUOTAROOT"; }
constexpr std::string_view name(const SetQuota&) { return "SETQUOTA"; }
constexpr std::string_view name(const GetMetadata&) { return "GETMETADATA"; }
constexpr std::string_view name(const SetMetadata&) { return "SETMETADATA"; }
constexpr std::string_view name(const Notify&) { return "NOTIFY"; }

/// `$` alone names none (RFC 5182 s2.1).
bool has_numbers(const SearchKey& key) {
  return (key.kind == SearchKind::kNumbers && !key.set.saved_result) || std::ranges::any_of(key.children, has_numbers);
}

}  // namespace

std::string_view name_of(const CommandBody& what) {
  return std::visit([](const auto& command) { return name(command); }, what);
}

bool uses_message_numbers(const CommandBody& what) {
  return std::visit(
      Overloaded{[](const Fetch& c) { return !c.uid; }, [](const Store& c) { return !c.uid; },
                 [](const Copy& c) { return !c.uid; }, [](const Move& c) { return !c.uid; },
                 [](const Replace& c) { return !c.uid; }, [](const Search& c) { return !c.uid || has_numbers(c.key); },
                 [](const Sort& c) { return !c.uid || has_numbers(c.key); },
                 [](const Thread& c) { return !c.uid || has_numbers(c.key); },
                 [](const Select& c) { return c.qresync && c.qresync->sequence_match.has_value(); },
                 [](const auto&) { return false; }},
      what);
}

bool is_done(std::string_view line) { return base::codec::iequals_ascii(base::codec::trim_ascii(line), "DONE"); }

}  // namespace veredus::wire::imap
