#include "doors/imap/name_tree.h"

#include <gtest/gtest.h>

#include "state/mailbox/mailbox_name.h"
#include "wire/imap/reply.h"

namespace veredus::doors::imap {
namespace {

using state::mailbox::Right;
using state::mailbox::SpecialUse;

constexpr AccountId kMe{1};

class NameTreeTest : public testing::Test {
 protected:
  NameTreeTest() {
    for (const auto* name : {"INBOX", "INBOX/later", "Fruit", "Fruit/Apple", "Fruit/Pear/Green", "Sent", "Veg-x"})
      own(name);
    tree.add_subscription("Fruit/Banana");
    tree.add_subscription("Gone/Below");
  }
  void own(const char* name) {
    state::mailbox::Mailbox mailbox;
    mailbox.id = MailboxId(next++);
    mailbox.name = name;
    mailbox.subscribed = mailbox.name == "INBOX" || mailbox.name == "Fruit/Pear/Green";
    if (mailbox.name == "Sent") mailbox.special_use = SpecialUse::kSent;
    tree.add_own(kMe, std::move(mailbox));
  }
  static std::vector<ChosenName> chosen_by(Listing listing) {
    std::vector<ChosenName> all;
    while (!listing.is_over())
      if (const auto one = listing.next()) all.push_back(*one);
    return all;
  }
  /// "name attributes; …" as LIST writes them.
  static std::string shown(const std::vector<ChosenName>& chosen) {
    std::string text;
    for (const auto& one : chosen) {
      wire::imap::ListLine line;
      line.attributes = one.attributes;
      line.name = one.listed->name;
      line.child_info_subscribed = one.child_info;
      if (one.special_use && one.listed->mailbox && one.listed->mailbox->special_use == SpecialUse::kSent)
        line.special_use = "\\Sent";
      wire::imap::append_list(text, line, wire::imap::Names::kUtf8);
    }
    return text;
  }
  std::string list(std::string pattern) {
    wire::imap::List command;
    command.patterns.push_back(std::move(pattern));
    return shown(listed(command));
  }
  std::vector<ChosenName> listed(const wire::imap::List& command) {
    return chosen_by(Listing(&tree, command, Listing::Form::kList));
  }
  std::vector<ChosenName> lsub(std::string pattern) { return chosen_by(Listing(&tree, {"", std::move(pattern)})); }

  NameTree tree;
  std::uint32_t next = 1;
};

TEST_F(NameTreeTest, ListsWhatMatchesWithLevelsThatAreNoMailboxes) {  // RFC 9051 s6.3.9
  EXPECT_EQ(list("%"),
            "* LIST (\\HasChildren) \"/\" \"INBOX\"\r\n"
            "* LIST (\\HasChildren) \"/\" \"Fruit\"\r\n"
            "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\r\n"
            "* LIST (\\HasNoChildren) \"/\" \"Veg-x\"\r\n");
  EXPECT_EQ(list("Fruit/%"),
            "* LIST (\\HasNoChildren) \"/\" \"Fruit/Apple\"\r\n"
            "* LIST (\\Noselect \\HasChildren) \"/\" \"Fruit/Pear\"\r\n");
  EXPECT_EQ(list("inbox"), "* LIST (\\HasChildren) \"/\" \"INBOX\"\r\n");
  EXPECT_EQ(list("nothing"), "");
}

TEST_F(NameTreeTest, ListsSubscriptionsOfNamesThatAreNotThere) {  // RFC 9051 s6.3.9.1
  wire::imap::List command;
  command.extended = command.only_subscribed = true;
  command.patterns = {"*"};
  EXPECT_EQ(shown(listed(command)),
            "* LIST (\\Subscribed) \"/\" \"INBOX\"\r\n"
            "* LIST (\\NonExistent \\Subscribed) \"/\" \"Fruit/Banana\"\r\n"
            "* LIST (\\Subscribed) \"/\" \"Fruit/Pear/Green\"\r\n"
            "* LIST (\\NonExistent \\Subscribed) \"/\" \"Gone/Below\"\r\n");
}

TEST_F(NameTreeTest, ListsParentsOfSubscribedOnesWithRecursiveMatch) {  // RFC 5258 s3.2
  wire::imap::List command;
  command.extended = command.only_subscribed = command.recursive_match = true;
  command.patterns = {"%"};
  EXPECT_EQ(shown(listed(command)),
            "* LIST (\\Subscribed) \"/\" \"INBOX\"\r\n"
            "* LIST () \"/\" \"Fruit\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n"
            "* LIST (\\NonExistent) \"/\" \"Gone\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n");
}

TEST_F(NameTreeTest, ListsSeveralPatternsOnceAndWhatIsAskedForAlone) {
  wire::imap::List command;
  command.extended = true;
  command.patterns = {"Fruit", "F*", "Sent"};
  EXPECT_EQ(shown(listed(command)),
            "* LIST () \"/\" \"Fruit\"\r\n"
            "* LIST () \"/\" \"Fruit/Apple\"\r\n"
            "* LIST (\\NonExistent) \"/\" \"Fruit/Pear\"\r\n"
            "* LIST () \"/\" \"Fruit/Pear/Green\"\r\n"
            "* LIST () \"/\" \"Sent\"\r\n");
  command.only_special_use = true;
  EXPECT_EQ(shown(listed(command)), "* LIST (\\Sent) \"/\" \"Sent\"\r\n");
  command.only_special_use = false;
  command.patterns = {"Apple"};
  command.reference = "Fruit/";
  command.return_children = command.return_subscribed = true;
  EXPECT_EQ(shown(listed(command)), "* LIST (\\HasNoChildren) \"/\" \"Fruit/Apple\"\r\n");
}

TEST_F(NameTreeTest, SubscriptionsOfAnOldClientShowLevelsAboveThem) {  // RFC 3501 s6.3.9
  EXPECT_EQ(shown(lsub("*")),
            "* LIST () \"/\" \"INBOX\"\r\n"
            "* LIST () \"/\" \"Fruit/Banana\"\r\n"
            "* LIST () \"/\" \"Fruit/Pear/Green\"\r\n"
            "* LIST () \"/\" \"Gone/Below\"\r\n");
  EXPECT_EQ(shown(lsub("%")),
            "* LIST () \"/\" \"INBOX\"\r\n"
            "* LIST (\\Noselect) \"/\" \"Fruit\"\r\n"
            "* LIST (\\Noselect) \"/\" \"Gone\"\r\n");
}

TEST_F(NameTreeTest, SharedMailboxesStandBelowTheirOwners) {
  state::mailbox::Mailbox mailbox;
  mailbox.id = MailboxId(4);
  mailbox.name = "Sent";
  mailbox.special_use = SpecialUse::kSent;
  tree.add_shared(AccountId(2), "Shared/bob@demo.test/", mailbox, {Right::kLookup, Right::kRead});
  mailbox.name = "Hidden";
  tree.add_shared(AccountId(2), "Shared/bob@demo.test/", mailbox, {Right::kRead});
  mailbox.name = "Drop";
  tree.add_shared(AccountId(2), "Shared/bob@demo.test/", mailbox, {Right::kLookup, Right::kInsert});
  EXPECT_EQ(list("Shared*"),
            "* LIST (\\Noselect \\HasChildren) \"/\" \"Shared\"\r\n"
            "* LIST (\\Noselect \\HasChildren) \"/\" \"Shared/bob@demo.test\"\r\n"
            "* LIST (\\Noselect \\HasNoChildren) \"/\" \"Shared/bob@demo.test/Drop\"\r\n"
            "* LIST (\\HasNoChildren) \"/\" \"Shared/bob@demo.test/Sent\"\r\n")
      << "and nobody else's special use is mine";
}

TEST_F(NameTreeTest, OfNothingListsNothing) {
  const NameTree nothing;
  EXPECT_EQ(shown(chosen_by(Listing(&nothing, {"", "*"}))), "");
  EXPECT_EQ(shown(chosen_by(Listing(&nothing, wire::imap::List(), Listing::Form::kList))), "");
}

TEST_F(NameTreeTest, LooksBelowForSpecialUsesToo) {  // RFC 5258 s3, RFC 6154 s3
  state::mailbox::Mailbox mailbox;
  mailbox.id = MailboxId(next++);
  mailbox.name = "Fruit/Old";
  mailbox.special_use = SpecialUse::kArchive;
  tree.add_own(kMe, std::move(mailbox));
  wire::imap::List command;
  command.extended = command.only_special_use = command.recursive_match = true;
  command.patterns.emplace_back("%");
  std::vector<std::string> names;
  for (const auto& one : listed(command)) names.push_back(one.listed->name + (one.child_info ? "+" : ""));
  EXPECT_EQ(names, (std::vector<std::string>{"Fruit+", "Sent"}));
}

}  // namespace
}  // namespace veredus::doors::imap
