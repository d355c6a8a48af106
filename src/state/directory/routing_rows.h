#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "state/directory/mail_list.h"
#include "state/directory/routing_model.h"

namespace veredus::state::directory {

/// The rows of how mail is led on, as rows.h has the others: docs/formats/directory.md.

std::string route_key(std::string_view name);
std::string relay_domain_key(std::string_view domain);
std::string mail_list_key(std::string_view address);
std::string sending_key(AccountId account, std::string_view address);
std::string srs_secrets_key();

/// Behind a key of sending_key.
struct SendingKey {
  AccountId account;
  std::string_view address;
};
std::optional<SendingKey> parse_sending_key(std::string_view key);

std::string write_route(const Route& route);
std::optional<Route> read_route(std::string_view name, std::string_view value);
std::string write_relay_domain(const RelayDomain& domain);
std::optional<RelayDomain> read_relay_domain(std::string_view name, std::string_view value);
std::string write_forward(const Forward& forward);
std::optional<Forward> read_forward(AccountId account, std::string_view value);
std::string write_sending_account(const SendingAccount& sending);
std::optional<SendingAccount> read_sending_account(AccountId account, std::string_view address, std::string_view value);
std::string write_mail_list(const MailList& list);
std::optional<MailList> read_mail_list(std::string_view address, std::string_view value);
std::string write_srs_secrets(const std::vector<SrsSecret>& secrets);
std::optional<std::vector<SrsSecret>> read_srs_secrets(std::string_view value);

}  // namespace veredus::state::directory
