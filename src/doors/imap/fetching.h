#pragma once

#include <cstdint>
#include <vector>

#include "doors/imap/fetch_plan.h"
#include "doors/imap/fetch_writer.h"
#include "doors/imap/reply_pace.h"
#include "doors/imap/row_source.h"
#include "doors/imap/talk.h"
#include "doors/imap/uid_map.h"

namespace veredus::doors::imap {

/// How a FETCH went on: to its end, or not.
enum class Went : std::uint8_t { kWell, kClientGone, kNotReadable };

/// One FETCH under way.
struct Fetching {
  Talk* talk;
  FetchPlan plan;
  RowSource rows;
  UidMap::Cursor numbers;
  bool met_unknown_encoding = false;
  ReplyPace pace{&talk->out};
};

/// Answers these messages one by one, whatever the plan needs of them.
asio::awaitable<Went> fetch_batch(Fetching* fetching, std::vector<FetchedMessage>* batch);

/// Answers all of them from the mailbox's sheets: with a plan that has columns.
asio::awaitable<Went> fetch_from_sheets(Fetching* fetching);

}  // namespace veredus::doors::imap
