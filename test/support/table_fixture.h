#pragma once

#include <memory>

#include "state/mailbox/message_table.h"
#include "support/mailboxes_fixture.h"

namespace veredus::test {

/// Looks at INBOX by its table.
class TableTest : public MailboxesTest {
 protected:
  std::shared_ptr<const state::mailbox::MessageTable> table() {
    return must(mailboxes->table(kAccount, state::mailbox::kInbox));
  }
  /// The table has what the rows have, and all of it.
  void expect_current() {
    const auto rows = all();
    state::mailbox::TableWalk walk(table(), state::mailbox::UidSet::all());
    for (const auto& message : rows) {
      const auto* found = walk.next();
      ASSERT_NE(found, nullptr);
      ASSERT_EQ(*found, message);
    }
    ASSERT_EQ(walk.next(), nullptr);
    expect_verified();
  }
};

}  // namespace veredus::test
