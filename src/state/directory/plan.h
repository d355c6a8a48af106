#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "io/engine/batch.h"
#include "state/directory/requests.h"
#include "state/directory/snapshot.h"

namespace veredus::state::directory {

/// One row to write, or to erase (nullopt).
struct RowChange {
  io::engine::Key key;
  std::optional<io::engine::Value> value;
};

/// What a change of the directory would write if it were done on top of a snapshot, and its answer. Making one is pure
/// and checks everything; the Directory commits it when nobody was faster.
template <class T>
struct Plan {
  T answer{};
  std::vector<RowChange> rows;
};
template <class T>
using Planned = std::expected<Plan<T>, DirectoryError>;

struct Nothing {};

Planned<Domain> plan_create_domain(const Snapshot& now, const NewDomain& request, SystemTime time);
Planned<Domain> plan_change_domain(const Snapshot& now, std::string_view name, const DomainChange& change);
Planned<Nothing> plan_delete_domain(const Snapshot& now, std::string_view name);

/// `credentials`: of the password in the request, if there is one.
Planned<Account> plan_create_account(const Snapshot& now, const NewAccount& request,
                                     const std::optional<Credentials>& credentials, SystemTime time);
Planned<Account> plan_change_account(const Snapshot& now, AccountId id, const AccountChange& change);
Planned<Account> plan_rename_account(const Snapshot& now, AccountId id, std::string_view address,
                                     OldAddress old_address, SystemTime time);
Planned<Nothing> plan_delete_account(const Snapshot& now, AccountId id, SystemTime time);
Planned<Nothing> plan_forget_deleted(const Snapshot& now, AccountId id);

Planned<Alias> plan_put_alias(const Snapshot& now, const NewAlias& request, SystemTime time);
Planned<Nothing> plan_delete_alias(const Snapshot& now, std::string_view address);

Planned<MailList> plan_put_mail_list(const Snapshot& now, const NewMailList& request, SystemTime time);
/// kNoSuchAccount: not a member.
Planned<MailList> plan_note_trouble(const Snapshot& now, std::string_view address, const NewTrouble& trouble,
                                    SystemTime time);
Planned<MailList> plan_change_members(const Snapshot& now, std::string_view address, const MembersChange& change);
Planned<Nothing> plan_delete_mail_list(const Snapshot& now, std::string_view address);

Planned<Forward> plan_put_forward(const Snapshot& now, AccountId id, const NewForward& request, SystemTime time);
Planned<Nothing> plan_delete_forward(const Snapshot& now, AccountId id);

/// `sealing_key` may be empty: then nothing with a login can be put.
Planned<Route> plan_put_route(const Snapshot& now, const NewRoute& request, const base::crypto::Secret& sealing_key,
                              SystemTime time);
Planned<Nothing> plan_delete_route(const Snapshot& now, std::string_view name);
Planned<RelayDomain> plan_put_relay_domain(const Snapshot& now, const NewRelayDomain& request, SystemTime time);
Planned<Nothing> plan_delete_relay_domain(const Snapshot& now, std::string_view name);
Planned<SendingAccount> plan_put_sending_account(const Snapshot& now, AccountId id, const NewSendingAccount& request,
                                                 const base::crypto::Secret& sealing_key, SystemTime time);
/// `failure`: what went wrong; empty: the address is verified.
Planned<SendingAccount> plan_note_sending_test(const Snapshot& now, AccountId id, std::string_view address,
                                               std::string_view failure);
Planned<Nothing> plan_delete_sending_account(const Snapshot& now, AccountId id, std::string_view address);

/// Puts `fresh` before the secrets there are, if the newest is at least `step` old, and drops those replaced more than
/// `life` ago.
Planned<Nothing> plan_rotate_srs_secret(const Snapshot& now, std::string fresh, std::chrono::milliseconds step,
                                        std::chrono::milliseconds life, SystemTime time);

/// A key as it is made: its parts are read once, off the reactor.
struct MadeKey {
  std::string selector;  // as asked for; empty: made of kind and time
  base::crypto::KeyKind kind = base::crypto::KeyKind::kRsa;
  std::string public_octets;
  base::crypto::Secret pem;
};
Planned<std::vector<SigningKey>> plan_add_signing_keys(const Snapshot& now, std::string_view domain,
                                                       const std::vector<MadeKey>& keys,
                                                       const base::crypto::Secret& sealing_key, SystemTime time);
/// To kActive: what signed before with keys of that kind retires. To kGone: the private part is erased.
Planned<SigningKey> plan_change_signing_key(const Snapshot& now, std::string_view domain, std::string_view selector,
                                            KeyState state, SystemTime time);
Planned<Nothing> plan_remove_signing_key(const Snapshot& now, std::string_view domain, std::string_view selector,
                                         Force force);

/// Puts `after` in the place of the credentials with revision `before`; kBusy: they have changed meanwhile.
Planned<Nothing> plan_credentials(const Snapshot& now, AccountId id, std::uint64_t before, const Credentials& after);

}  // namespace veredus::state::directory
