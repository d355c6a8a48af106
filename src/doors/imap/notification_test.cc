#include "doors/imap/notification.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace veredus::doors::imap {
namespace {

using wire::imap::NotifyEvents;
using wire::imap::NotifyFilter;
using wire::imap::NotifyGroup;
using What = Notification::Told::What;

constexpr AccountId kMe{1};

NotifyEvents all_events() {
  NotifyEvents events;
  events.message_new = events.message_expunge = events.flag_change = true;
  events.mailbox_name = events.subscription_change = true;
  return events;
}

class NotificationTest : public testing::Test {
 protected:
  using Boxes = std::vector<state::mailbox::Mailbox>;

  static state::mailbox::Mailbox box(std::uint32_t id, std::string name) {
    state::mailbox::Mailbox mailbox;
    mailbox.id = MailboxId(id);
    mailbox.name = std::move(name);
    mailbox.highest_modseq = ModSeq(1);
    return mailbox;
  }
  /// What is told of these, as "what name".
  std::vector<std::string> look(const Boxes& boxes, std::optional<MailboxId> selected = std::nullopt) {
    NameTree tree;
    for (const auto& mailbox : boxes) tree.add_own(kMe, mailbox);
    for (const auto& name : subscriptions) tree.add_subscription(name);
    std::optional<std::pair<AccountId, MailboxId>> at;
    if (selected) at.emplace(kMe, *selected);
    std::vector<std::string> told;
    for (const auto& one : notification->look(tree, at)) {
      const char* const names[] = {"listed ", "renamed ", "removed ", "status ", "use "};
      told.push_back(names[static_cast<int>(one.what)] + one.name +
                     (one.old_name.empty() ? "" : " was " + one.old_name));
    }
    return told;
  }
  void ask(std::vector<NotifyGroup> groups, bool status = false) {
    wire::imap::Notify asked;
    asked.status = status;
    asked.groups = std::move(groups);
    notification.emplace(std::move(asked));
  }
  static NotifyGroup group(NotifyFilter filter, std::vector<std::string> names = {}) {
    NotifyGroup made;
    made.filter = filter;
    made.mailboxes = std::move(names);
    made.events = all_events();
    return made;
  }
  using Told = std::vector<std::string>;

  std::optional<Notification> notification;
  std::vector<std::string> subscriptions;
};

TEST_F(NotificationTest, TellsWhatHappenedBetweenTwoLooks) {
  ask({group(NotifyFilter::kPersonal)});
  Boxes boxes{box(1, "INBOX"), box(2, "a"), box(3, "b"), box(4, "c")};
  EXPECT_EQ(look(boxes), Told());
  EXPECT_EQ(look(boxes), Told());
  boxes[0].uid_next = Uid(2);
  boxes[0].highest_modseq = ModSeq(2);
  boxes[1].name = "A";
  boxes[1].highest_modseq = ModSeq(2);
  boxes[2].subscribed = true;
  boxes[3] = box(5, "d");
  EXPECT_EQ(look(boxes), (Told{"status INBOX", "renamed A was a", "listed b", "listed d", "removed c"}));
  EXPECT_EQ(look(boxes), Told());
}

TEST_F(NotificationTest, BeginsWithTheStatusOfAllWhenAskedTo) {  // RFC 5465 s3.1
  ask({group(NotifyFilter::kMailboxes, {"inbox", "b", "none"})}, true);
  EXPECT_EQ(look({box(1, "INBOX"), box(2, "a"), box(3, "b")}, MailboxId(3)), Told{"status INBOX"});
}

TEST_F(NotificationTest, LeavesTheSelectedMailboxToOthers) {
  ask({group(NotifyFilter::kSelectedDelayed), group(NotifyFilter::kPersonal)});
  EXPECT_EQ(notification->selected_mode(), Notification::SelectedMode::kDelayed);
  Boxes boxes{box(1, "INBOX")};
  look(boxes, state::mailbox::kInbox);
  boxes[0].highest_modseq = ModSeq(2);
  EXPECT_EQ(look(boxes, state::mailbox::kInbox), Told());
}

TEST_F(NotificationTest, AddsUpTheGroupsThatApplyToAMailbox) {  // RFC 5465 s6
  auto messages = group(NotifyFilter::kMailboxes, {"INBOX"});
  messages.events.mailbox_name = messages.events.subscription_change = false;
  auto subscriptions_only = group(NotifyFilter::kPersonal);
  subscriptions_only.events = {};
  subscriptions_only.events.subscription_change = true;
  ask({messages, subscriptions_only});
  EXPECT_EQ(notification->selected_mode(), Notification::SelectedMode::kUnasked);
  Boxes boxes{box(1, "INBOX"), box(2, "a")};
  look(boxes);
  for (auto& mailbox : boxes) {
    mailbox.highest_modseq = ModSeq(9);
    mailbox.subscribed = true;
  }
  EXPECT_EQ(look(boxes), (Told{"listed INBOX", "status INBOX", "listed a"}));
}

TEST_F(NotificationTest, TakesBackByNoneWhatIsNotSaidMoreClosely) {  // RFC 5465 s5
  const auto none = [](NotifyGroup group) {
    group.events = {};
    return group;
  };
  ask({none(group(NotifyFilter::kSubtree, {"quiet"})), none(group(NotifyFilter::kInboxes)),
       group(NotifyFilter::kPersonal), group(NotifyFilter::kMailboxes, {"quiet/but", "inbox/own"}),
       none(group(NotifyFilter::kMailboxes, {"alone"}))});
  Boxes boxes{box(1, "INBOX"),   box(2, "quiet"), box(3, "quiet/too"),
              box(4, "quieter"), box(5, "alone"), box(6, "quiet/but")};
  look(boxes);
  for (auto& mailbox : boxes) mailbox.highest_modseq = ModSeq(9);
  EXPECT_EQ(look(boxes), (Told{"status quiet/but", "status quieter"}));
  ask({none(group(NotifyFilter::kPersonal)), group(NotifyFilter::kSubtree, {"quiet"})});
  look(boxes);
  for (auto& mailbox : boxes) mailbox.highest_modseq = ModSeq(10);
  EXPECT_EQ(look(boxes), (Told{"status quiet", "status quiet/but", "status quiet/too"}));
}

TEST_F(NotificationTest, TellsThatASubscriptionWentThoughItsGroupIsOfSubscribedOnes) {
  ask({group(NotifyFilter::kSubscribed)});
  Boxes boxes{box(1, "INBOX"), box(2, "a")};
  boxes[1].subscribed = true;
  look(boxes);
  boxes[1].subscribed = false;
  boxes[0].highest_modseq = ModSeq(2);
  EXPECT_EQ(look(boxes), Told{"listed a"});
}

TEST_F(NotificationTest, TellsARenamedMailboxWithoutWhatIsBelowIt) {  // RFC 5465 s5.4
  ask({group(NotifyFilter::kPersonal)});
  Boxes boxes{box(1, "INBOX"), box(2, "a"), box(3, "a/b"), box(4, "a/b/c"), box(5, "d")};
  look(boxes);
  boxes[1].name = "x";
  boxes[2].name = "x/b";
  boxes[3].name = "x/b/c";
  EXPECT_EQ(look(boxes), Told{"renamed x was a"});
  boxes[3].name = "x/b/e";
  EXPECT_EQ(look(boxes), Told{"renamed x/b/e was x/b/c"});
  ask({group(NotifyFilter::kMailboxes, {"x/b"})});
  look(boxes);
  boxes[1].name = "y";
  boxes[2].name = "y/b";
  boxes[3].name = "y/b/e";
  EXPECT_EQ(look(boxes), Told{"renamed y/b was x/b"}) << "of what is above nothing was asked for";
}

TEST_F(NotificationTest, TellsWhatWasBelowARenamedLevelThatIsNoMailbox) {
  ask({group(NotifyFilter::kPersonal)});
  Boxes boxes{box(1, "INBOX"), box(3, "a/b"), box(4, "a/b/c"), box(5, "a/d")};
  look(boxes);
  boxes[1].name = "x/b";
  boxes[2].name = "x/b/c";
  boxes[3].name = "x/d";
  EXPECT_EQ(look(boxes), (Told{"renamed x/b was a/b", "renamed x/d was a/d"}));
}

TEST_F(NotificationTest, TellsWhatAMailboxCameOrWentBelowOf) {  // RFC 5465 s5.4
  ask({group(NotifyFilter::kPersonal)});
  Boxes boxes{box(1, "INBOX"), box(2, "a")};
  look(boxes);
  boxes.push_back(box(3, "a/b"));
  EXPECT_EQ(look(boxes), (Told{"listed a/b", "listed a"}));
  boxes.pop_back();
  boxes.push_back(box(4, "n/b"));
  EXPECT_EQ(look(boxes), (Told{"listed n/b", "removed a/b", "listed a", "listed n"}));
  boxes.pop_back();
  EXPECT_EQ(look(boxes), (Told{"removed n/b", "removed n"}));
}

TEST_F(NotificationTest, DoesNotCallGoneWhatAnotherTookThePlaceOf) {
  ask({group(NotifyFilter::kPersonal)});
  Boxes boxes{box(1, "INBOX"), box(2, "a"), box(3, "b")};
  look(boxes);
  boxes = {box(1, "INBOX"), box(4, "a"), box(3, "c")};
  EXPECT_EQ(look(boxes), (Told{"listed a", "renamed c was b"}));
}

TEST_F(NotificationTest, TellsSubscriptionsToWhatIsNoMailbox) {  // RFC 5465 s5.5
  ask({group(NotifyFilter::kPersonal)});
  const Boxes boxes{box(1, "INBOX")};
  look(boxes);
  subscriptions = {"later"};
  EXPECT_EQ(look(boxes), Told{"listed later"});
  EXPECT_EQ(look(boxes), Told());
  subscriptions.clear();
  EXPECT_EQ(look(boxes), Told{"listed later"});
}

TEST_F(NotificationTest, TellsASpecialUseAsTheAnnotationItIs) {  // RFC 6154 s4
  auto metadata = group(NotifyFilter::kPersonal);
  metadata.events = {};
  metadata.events.mailbox_metadata_change = true;
  ask({metadata});
  Boxes boxes{box(1, "INBOX"), box(2, "a")};
  look(boxes);
  boxes[1].special_use = state::mailbox::SpecialUse::kTrash;
  EXPECT_EQ(look(boxes), Told{"use a"});
  notification->note_own_special_use(kMe, MailboxId(2), state::mailbox::SpecialUse::kJunk);
  boxes[1].special_use = state::mailbox::SpecialUse::kJunk;
  EXPECT_EQ(look(boxes), Told());
}

TEST_F(NotificationTest, TellsCountsToThoseWhoMayRead) {  // RFC 4314 s4
  ask({group(NotifyFilter::kSubtree, {"Shared"})}, true);
  auto mailbox = box(7, "a");
  const auto told = [&](state::mailbox::Rights rights) {
    NameTree tree;
    tree.add_shared(AccountId(9), "Shared/o@demo.test/", mailbox, rights);
    const auto all = notification->look(tree, std::nullopt);
    return std::ranges::count(all, What::kStatus, &Notification::Told::what);
  };
  using state::mailbox::Right;
  EXPECT_EQ(told({Right::kLookup}), 0);
  mailbox.highest_modseq = ModSeq(2);
  EXPECT_EQ(told({Right::kLookup, Right::kInsert}), 0);
  mailbox.highest_modseq = ModSeq(3);
  EXPECT_EQ(told({Right::kLookup, Right::kRead}), 1);
}

TEST_F(NotificationTest, KnowsWhichMessagesTheSessionBroughtItself) {  // RFC 5465 s5
  using state::mailbox::UidSet;
  ask({group(NotifyFilter::kPersonal)});
  NameTree tree;
  auto inbox = box(1, "INBOX");
  const auto look_again = [&](std::uint32_t modseq) {
    inbox.highest_modseq = ModSeq(modseq);
    inbox.uid_next = Uid(modseq);
    tree.add_own(kMe, inbox);
    return notification->look(tree, std::nullopt);
  };
  look_again(1);
  notification->note_own_arrivals(kMe, state::mailbox::kInbox, UidSet(Uid(1)));
  const auto own = look_again(2);
  ASSERT_EQ(own.size(), 1u);
  EXPECT_EQ(own[0].own, UidSet(Uid(1)));
  EXPECT_EQ(own[0].if_news_since, ModSeq(1));
  EXPECT_EQ(look_again(3).at(0).own, UidSet()) << "it was told";
  notification->note_own_arrivals(kMe, state::mailbox::kInbox, UidSet(Uid(4)));
  UidSet arrived;
  arrived.add({Uid(3), Uid(5)});
  UidSet others(Uid(3));
  others.add(Uid(5));
  EXPECT_EQ(notification->take_others(kMe, state::mailbox::kInbox, arrived), others);
  EXPECT_EQ(notification->take_others(kMe, state::mailbox::kInbox, arrived), arrived);
}

TEST_F(NotificationTest, TellsTheSubscribedThatOneOfThemHasAnotherName) {  // RFC 5465 s5.4, s6.4
  ask({group(NotifyFilter::kSubscribed)});
  Boxes boxes{box(1, "INBOX"), box(2, "a"), box(3, "b")};
  boxes[1].subscribed = true;
  look(boxes);
  boxes[1].name = "c";  // the subscription is of the name
  boxes[1].subscribed = false;
  boxes[2].name = "d";
  subscriptions = {"a"};
  EXPECT_EQ(look(boxes), Told{"renamed c was a"});
  boxes[2].name = "a";
  boxes[2].subscribed = true;
  EXPECT_EQ(look(boxes), Told{"renamed a was d"});
}

TEST_F(NotificationTest, KnowsOwnMessagesUntilTheyHaveArrived) {  // RFC 5465 s5.2
  using state::mailbox::UidSet;
  ask({group(NotifyFilter::kSelected)});
  UidSet own(Uid(2));
  own.add(Uid(4));
  notification->note_own_arrivals(kMe, state::mailbox::kInbox, own);
  UidSet arrived;
  arrived.add({Uid(1), Uid(2)});
  EXPECT_EQ(notification->take_others(kMe, state::mailbox::kInbox, arrived), UidSet(Uid(1)));
  UidSet later;
  later.add({Uid(3), Uid(4)});
  EXPECT_EQ(notification->take_others(kMe, state::mailbox::kInbox, later), UidSet(Uid(3)));
}

TEST_F(NotificationTest, TakesTheClosestOfTheNamesOfAGroup) {
  auto none = group(NotifyFilter::kSubtree, {"a/b/", "//", "Inbox", "a/b/c/d"});
  none.events = {};
  ask({none, group(NotifyFilter::kSubtree, {"z", "a/b/c", "a"})});
  Boxes boxes{box(1, "INBOX"), box(2, "INBOX/i"), box(3, "a"),         box(4, "a/b"),
              box(5, "a/b/c"), box(6, "a/b/c/d"), box(7, "a/b/c/d/e"), box(8, "a/bc")};
  look(boxes);
  for (auto& mailbox : boxes) mailbox.highest_modseq = ModSeq(9);
  EXPECT_EQ(look(boxes), (Told{"status a", "status a/b/c", "status a/bc"}));
}

TEST_F(NotificationTest, TellsAnnotationsToThoseTheyAreFor) {  // RFC 5465 s5.6, s5.7
  auto metadata = group(NotifyFilter::kMailboxes, {"INBOX"});
  metadata.events = {};
  metadata.events.mailbox_metadata_change = true;
  NameTree tree;
  tree.add_own(kMe, box(1, "INBOX"));
  tree.add_own(kMe, box(2, "a"));
  std::vector<state::mailbox::AnnotationNote> notes;
  const auto note = [&](std::uint32_t mailbox, AccountId reader, std::string name, std::string author) {
    notes.push_back({ModSeq(5), {MailboxId(mailbox), reader}, std::move(name), std::move(author)});
  };
  note(1, state::mailbox::kEverybody, "/comment", "other");
  note(1, kMe, "/comment", "");
  note(1, kMe, "/mine", "me");
  note(1, AccountId(9), "/theirs", "other");
  note(2, kMe, "/comment", "other");
  note(1, kMe, "/comment", "other");
  note(0, kMe, "/server", "other");
  const auto told = [&] {
    std::string all;
    for (const auto& one : notification->annotated(tree, kMe, kMe, notes, "me")) {
      all += one.mailbox + ":";
      for (const auto& entry : one.entries) all += " " + entry;
      all += ";";
    }
    return all;
  };
  ask({metadata});
  EXPECT_TRUE(notification->follows_annotations());
  EXPECT_EQ(told(), "INBOX: /shared/comment /private/comment;");
  metadata.events.server_metadata_change = true;
  ask({metadata});
  EXPECT_EQ(told(), ": /private/server;INBOX: /shared/comment /private/comment;");
  ask({group(NotifyFilter::kPersonal)});
  EXPECT_FALSE(notification->follows_annotations());
  EXPECT_EQ(told(), "");
}

}  // namespace
}  // namespace veredus::doors::imap
