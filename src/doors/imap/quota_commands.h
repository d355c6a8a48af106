#pragma once

#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "wire/imap/command.h"

namespace veredus::doors::imap {

// RFC 9208. Each account has one quota root, "", for STORAGE and MESSAGE.
asio::awaitable<Outcome> get_quota(Talk* talk, wire::imap::GetQuota command);
/// A shared mailbox has no quota root here: what its owner has left is not the reader's business.
asio::awaitable<Outcome> get_quota_root(Talk* talk, wire::imap::GetQuotaRoot command);
/// Quotas are the administrator's to set.
asio::awaitable<Outcome> set_quota(Talk* talk, wire::imap::SetQuota command);

}  // namespace veredus::doors::imap
