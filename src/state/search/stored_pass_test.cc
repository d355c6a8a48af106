#include "state/search/stored_pass.h"

#include <gtest/gtest.h>

#include "support/mailboxes_fixture.h"

namespace veredus::state::search {
namespace {

/// Stops the search at the second message that it sees.
class StoppingPass final : public StoredPass {
 public:
  StoppingPass(const Scene& scene, Rows messages)
      : StoredPass(scene, std::move(messages)), progress_(*scene.progress) {}

  std::size_t seen_messages = 0;

 private:
  void see(std::size_t /*index*/, const mailbox::EmailView& /*email*/) override {
    if (++seen_messages == 2) progress_.stop = true;
  }

  Progress& progress_;
};

class StoredPassTest : public test::MailboxesTest {};

TEST_F(StoredPassTest, SeesNoMoreMessagesWhenItIsStopped) {
  for (int i = 0; i < 5; ++i) append(message());
  Turns turns(1);
  const Scene scene{mailboxes.get(), nullptr, &turns, kAccount, std::make_shared<Progress>()};
  const auto messages = all();
  Rows rows;
  for (const auto& message : messages) rows.push_back(&message);
  StoppingPass pass(scene, rows);
  const auto more = run(pass.next());
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error(), SearchError::kStopped);
  EXPECT_EQ(pass.seen_messages, 2U);
}

}  // namespace
}  // namespace veredus::state::search
