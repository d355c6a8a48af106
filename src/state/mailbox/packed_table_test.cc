#include "state/mailbox/packed_table.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <optional>

namespace veredus::state::mailbox {
namespace {

using Table = std::shared_ptr<const MessageTable>;

Table table_of(std::uint32_t count) {
  std::vector<Message> messages(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    messages[i].uid = Uid(2 * i + 1);
    messages[i].modseq = messages[i].created_modseq = ModSeq(i / 3 + 1);
    if (i % 7 != 3) messages[i].flags = {Flag::kSeen};
    messages[i].body = {.email = EmailId(100 + i), .octets = 10, .first_octets = 10};
  }
  return MessageTable::of(UidValidity(4), ModSeq(count), std::move(messages));
}

Table unpack_all(const std::vector<std::string>& parts) {
  std::vector<Unpacked> stretches;
  for (const auto& part : parts) stretches.push_back(unpack(part));
  return joined(stretches);
}

void expect_same(const Table& left, const Table& right) {
  ASSERT_TRUE(left && right);
  EXPECT_EQ(left->uid_validity(), right->uid_validity());
  EXPECT_EQ(left->as_of(), right->as_of());
  ASSERT_EQ(left->pages().size(), right->pages().size());
  for (std::size_t i = 0; i < left->pages().size(); ++i) {
    const auto& page = *left->pages()[i];
    const auto& other = *right->pages()[i];
    EXPECT_EQ(page.size(), other.size());
    EXPECT_EQ(page.uids(), other.uids());
    EXPECT_EQ(page.highest_modseq(), other.highest_modseq());
    EXPECT_EQ(page.first_unseen(), other.first_unseen());
    EXPECT_EQ(page.messages(), other.messages());
  }
}

TEST(PackedTable, IsTheTableAgain) {
  struct Case {
    std::uint32_t messages;
    std::size_t parts;
  };
  for (const auto& c : {Case{1, 1}, Case{8192, 1}, Case{8193, 2}, Case{20'000, 3}}) {
    SCOPED_TRACE(c.messages);
    const auto table = table_of(c.messages);
    const auto parts = pack(*table);
    EXPECT_EQ(parts.size(), c.parts);
    expect_same(unpack_all(parts), table);
    for (const auto& part : parts) EXPECT_EQ(parts_of_table(part), c.parts);
  }
}

TEST(PackedTable, IsNoneWhenPartsDoNotGoTogether) {
  const auto sound = pack(*table_of(20'000));
  const auto other = pack(*table_of(20'001));
  EXPECT_EQ(unpack_all({}), nullptr);
  EXPECT_EQ(unpack_all({"x"}), nullptr);
  EXPECT_EQ(parts_of_table("x"), 0u);
  EXPECT_EQ(unpack_all({sound[0]}), nullptr);
  EXPECT_EQ(unpack_all({sound[0], sound[1]}), nullptr);
  EXPECT_EQ(unpack_all({sound[0], sound[2], sound[1]}), nullptr);
  EXPECT_EQ(unpack_all({sound[0], sound[1], other[2]}), nullptr);
  EXPECT_EQ(unpack_all({sound[0], sound[1], sound[1]}), nullptr);
  EXPECT_NE(unpack_all(sound), nullptr);
}

/// What `work` answers is put into `out`, which outlives it.
template <class Value>
void start(asio::io_context& io, asio::awaitable<Value> work, std::optional<Value>* out) {
  asio::co_spawn(io, std::move(work), [out](const std::exception_ptr& failure, Value value) {
    if (!failure) *out = std::move(value);
  });
}

TEST(PackedTable, OfManyMessagesIsMadeWhileTheReactorGoesOn) {
  asio::io_context io;
  io::net::WorkerPool pool({.threads = 1});
  std::promise<void> gate;
  ASSERT_TRUE(pool.post([opened = gate.get_future()] { opened.wait(); }));  // the thread has something else to do
  const auto few = table_of(600);
  const auto many = table_of(20'000);
  std::optional<std::vector<std::string>> few_packed;
  std::optional<std::vector<std::string>> many_packed;
  std::optional<Unpacked> many_unpacked;
  start(io, packed(&pool, few), &few_packed);
  start(io, packed(&pool, many), &many_packed);
  start(io, unpacked(&pool, pack(*many)[0]), &many_unpacked);
  io.poll();
  EXPECT_EQ(few_packed, pack(*few)) << "few are packed at once";
  EXPECT_FALSE(many_packed);
  EXPECT_FALSE(many_unpacked);
  gate.set_value();
  io.run();
  EXPECT_EQ(many_packed, pack(*many));
  ASSERT_TRUE(many_unpacked);
  ASSERT_TRUE(*many_unpacked);
  const auto& pages = (*many_unpacked)->pages;
  ASSERT_EQ(pages.size(), 16u);
  EXPECT_EQ(pages.back()->messages(), many->pages()[15]->messages());
}

TEST(PackedTable, IsNotMadeWhenThePoolTakesNoMore) {
  asio::io_context io;
  io::net::WorkerPool pool({.threads = 1});
  pool.stop();
  std::optional<std::vector<std::string>> packed_parts;
  std::optional<Unpacked> unpacked_part;
  start(io, packed(&pool, table_of(20'000)), &packed_parts);
  start(io, unpacked(&pool, pack(*table_of(20'000))[0]), &unpacked_part);
  io.run();
  EXPECT_EQ(packed_parts, std::vector<std::string>());
  ASSERT_TRUE(unpacked_part);
  EXPECT_FALSE(*unpacked_part);
}

}  // namespace
}  // namespace veredus::state::mailbox
