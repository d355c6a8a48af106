#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/types/ids.h"
#include "doors/imap/talk.h"
#include "io/net/asio.h"
#include "state/mailbox/uid_set.h"
#include "state/search/query.h"
#include "state/search/sort.h"
#include "wire/imap/fetch_item.h"
#include "wire/imap/search_key.h"

namespace veredus::doors::imap {

constexpr std::size_t kSearchContexts = 16;  // RFC 5267 s4.3.1: of one session; more are refused by NOUPDATE

/// A search whose result the client wants to be kept up with (RFC 5267 s4.3). Belongs to the selected mailbox.
struct SearchContext {
  std::string tag;
  bool uid = false;
  wire::imap::SearchKey key;
  std::vector<state::search::SortKey> sort;  // empty: in the order of the mailbox
  std::vector<Uid> result;                   // as it was told: ascending, or sorted
  ModSeq seen;                               // what changed up to here is in it
  std::vector<wire::imap::FetchItem> items;  // to be fetched of what arrives (RFC 5465 s7)
};

struct SearchContexts {
  std::vector<SearchContext> all;
};

/// REMOVEFROM for messages that are about to be told as expunged: before their EXPUNGE, while their numbers are good.
void tell_contexts_of_expunges(Talk* talk);

/// ADDTO and REMOVEFROM for what changed otherwise, behind the FETCH of what arrived: after arrivals and flags were
/// told. False: the client is gone.
asio::awaitable<bool> tell_contexts(Talk* talk);

}  // namespace veredus::doors::imap
