#pragma once

#include <memory>
#include <optional>

#include "base/types/ids.h"
#include "doors/admin/json.h"
#include "doors/admin/services.h"
#include "io/http/router.h"
#include "io/net/asio.h"

namespace veredus::doors::admin {

/// The router being filled, and what all calls work on.
struct Routes {
  std::shared_ptr<const Services> services;
  io::http::Router router;
};

/// One family of calls each; together they are routes().
void add_server_calls(Routes& routes);
void add_domain_calls(Routes& routes);
void add_account_calls(Routes& routes);
void add_credential_calls(Routes& routes);
void add_alias_calls(Routes& routes);
void add_list_calls(Routes& routes);
void add_moderation_calls(Routes& routes);
void add_route_calls(Routes& routes);
void add_forward_calls(Routes& routes);
void add_mailbox_calls(Routes& routes);
void add_sharing_calls(Routes& routes);
void add_copy_calls(Routes& routes);
void add_transfer_calls(Routes& routes);
void add_message_calls(Routes& routes);
void add_queue_calls(Routes& routes);
void add_limit_calls(Routes& routes);
void add_probe_calls(Routes& routes);
void add_report_calls(Routes& routes);
void add_sender_calls(Routes& routes);
void add_signing_calls(Routes& routes);

using Reply = asio::awaitable<io::http::Response>;

/// A call: a plain coroutine function. The services outlive it.
using Call = Reply (*)(const Services* services, io::http::Request request);

void add(Routes& routes, io::http::Method method, std::string_view pattern, Call call);

/// The account a path names by its address. Errors: 404.
Outcome<AccountId> account_of(const Services& services, const io::http::Request& request);

/// The domain of ours to which `?domain=` narrows a list; nullopt: it was not asked for. Errors: 404.
Outcome<std::optional<DomainId>> domain_wanted(const Services& services, const io::http::Request& request);

/// A decimal number and nothing else.
[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view text);

}  // namespace veredus::doors::admin
