#include "doors/imap/dispatch.h"

#include <concepts>
#include <optional>
#include <utility>
#include <variant>

#include "doors/imap/acl_commands.h"
#include "doors/imap/append_commands.h"
#include "doors/imap/fetch_commands.h"
#include "doors/imap/idle_command.h"
#include "doors/imap/list_commands.h"
#include "doors/imap/login_commands.h"
#include "doors/imap/mailbox_commands.h"
#include "doors/imap/metadata_commands.h"
#include "doors/imap/named_mailbox.h"
#include "doors/imap/notify_command.h"
#include "doors/imap/quota_commands.h"
#include "doors/imap/search_commands.h"
#include "doors/imap/select_commands.h"
#include "doors/imap/session_commands.h"
#include "doors/imap/status_commands.h"
#include "doors/imap/store_command.h"
#include "doors/imap/transfer_commands.h"
#include "doors/imap/updates.h"

namespace veredus::doors::imap {

namespace {

namespace grammar = wire::imap;

template <class T, class... Others>
concept OneOf = (std::same_as<T, Others> || ...);

/// What a command may be given in: RFC 9051 s6.1, s6.2, s6.4; all others need a login alone.
template <class Command>
std::optional<Outcome> refuse_in(const Session& session) {
  constexpr bool anywhere = OneOf<Command, grammar::Capability, grammar::Noop, grammar::Logout, grammar::Id>;
  constexpr bool before_login = OneOf<Command, grammar::StartTls, grammar::Authenticate, grammar::Login>;
  constexpr bool selected = OneOf<Command, grammar::Check, grammar::Close, grammar::Unselect, grammar::Expunge,
                                  grammar::Store, grammar::Copy, grammar::Move, grammar::Fetch, grammar::Search,
                                  grammar::Sort, grammar::Thread, grammar::Replace, grammar::CancelUpdate>;
  if constexpr (anywhere) return std::nullopt;
  if constexpr (before_login) {
    if (session.login) return bad("Already logged in");
    return std::nullopt;
  }
  if (!session.login) return bad("Log in first");
  if (selected && !session.selected) return bad("Select a mailbox first");
  return std::nullopt;
}

using Answer = asio::awaitable<Outcome>;

Answer run(Talk* talk, grammar::Capability command) { return capability(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Noop command) { return noop(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Logout command) { return log_out(talk, std::move(command)); }
Answer run(Talk* talk, grammar::StartTls command) { return start_tls(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Namespace command) { return name_spaces(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Idle command) { return idle(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Check command) { return check(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Close command) { return close(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Unselect command) { return unselect(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Unauthenticate command) { return unauthenticate(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Id command) { return id(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Authenticate command) { return authenticate(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Login command) { return login(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Enable command) { return enable(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Compress command) { return compress(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Select command) { return select(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Create command) { return create(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Delete command) { return delete_mailbox(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Rename command) { return rename(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Subscribe command) { return subscribe(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Unsubscribe command) { return unsubscribe(talk, std::move(command)); }
Answer run(Talk* talk, grammar::List command) { return list(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Lsub command) { return lsub(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Status command) { return status(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Expunge command) { return expunge(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Store command) { return store(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Copy command) { return copy(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Move command) { return move(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Fetch command) { return fetch(talk, std::move(command)); }
Answer run(Talk* talk, grammar::SetAcl command) { return set_acl(talk, std::move(command)); }
Answer run(Talk* talk, grammar::DeleteAcl command) { return delete_acl(talk, std::move(command)); }
Answer run(Talk* talk, grammar::GetAcl command) { return get_acl(talk, std::move(command)); }
Answer run(Talk* talk, grammar::ListRights command) { return list_rights(talk, std::move(command)); }
Answer run(Talk* talk, grammar::MyRights command) { return my_rights(talk, std::move(command)); }
Answer run(Talk* talk, grammar::GetQuota command) { return get_quota(talk, std::move(command)); }
Answer run(Talk* talk, grammar::GetQuotaRoot command) { return get_quota_root(talk, std::move(command)); }
Answer run(Talk* talk, grammar::SetQuota command) { return set_quota(talk, std::move(command)); }
Answer run(Talk* talk, grammar::GetMetadata command) { return get_metadata(talk, std::move(command)); }
Answer run(Talk* talk, grammar::SetMetadata command) { return set_metadata(talk, std::move(command)); }

Answer run(Talk* talk, grammar::Notify command) { return notify(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Search command) { return search(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Sort command) { return sort(talk, std::move(command)); }
Answer run(Talk* talk, grammar::Thread command) { return thread(talk, std::move(command)); }
Answer run(Talk* talk, grammar::CancelUpdate command) { return cancel_update(talk, std::move(command)); }

Answer refused(Outcome why) { co_return why; }

/// What the owner of a shared mailbox takes back counts at once, not only when the session hears of it.
template <class Command>
Answer run_with_rights(Talk* talk, Command command) {
  const bool reads = co_await renew_rights(talk);
  constexpr bool only_leaves = OneOf<Command, grammar::Close>;
  if (!reads && !only_leaves) co_return not_permitted();
  co_return co_await run(talk, std::move(command));
}

struct Runner {
  Talk* talk;
  Incoming* incoming;

  /// With a login it does not come here (AppendsUnderWay).
  Answer operator()(grammar::Append& /*command*/) const { return refused(bad("Log in first")); }
  Answer operator()(grammar::Replace& command) const { return replace(talk, std::move(command), incoming); }
  template <class Command>
  Answer operator()(Command& command) const {
    constexpr bool needs_rights = OneOf<Command, grammar::Close, grammar::Expunge, grammar::Store, grammar::Copy,
                                        grammar::Move, grammar::Fetch, grammar::Search, grammar::Sort, grammar::Thread>;
    if constexpr (needs_rights) {
      const auto& session = talk->session;
      if (session.selected && session.selected->account() != session.account())
        return run_with_rights(talk, std::move(command));
    }
    return run(talk, std::move(command));
  }
};

}  // namespace

Answer dispatch(Talk* talk, grammar::CommandBody command, Incoming* incoming) {
  const auto& session = talk->session;
  const auto check_state = [&session](const auto& what) {
    return refuse_in<std::remove_cvref_t<decltype(what)>>(session);
  };
  auto why_not = std::visit(check_state, command);
  if (!why_not && session.has(Extension::kUidOnly) && grammar::uses_message_numbers(command)) {
    why_not = bad("Only UIDs can be used after ENABLE UIDONLY");  // RFC 9586 s3.1
    why_not->code = "UIDREQUIRED";
  }
  if (why_not) return refused(*std::move(why_not));
  const Runner runner{talk, incoming};
  return std::visit(runner, command);
}

}  // namespace veredus::doors::imap
