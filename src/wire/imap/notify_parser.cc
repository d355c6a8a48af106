#include "wire/imap/notify_parser.h"

#include <utility>

#include "wire/imap/fetch_parser.h"

namespace veredus::wire::imap {
namespace {

///   one-or-more-mailbox = mailbox / many-mailboxes ; many-mailboxes = "(" mailbox *(SP mailbox) ")"
std::expected<std::vector<std::string>, CommandError> parse_mailboxes(Cursor& at, const ReaderOptions& options) {
  std::vector<std::string> mailboxes;
  VEREDUS_TRY(at.space());
  if (at.peek() != '(') {
    VEREDUS_TRY(mailboxes.emplace_back(), at.mailbox(options.names()));
    return mailboxes;
  }
  VEREDUS_TRY(at.list_begin());
  for (bool more = true; more;) {
    VEREDUS_TRY(mailboxes.emplace_back(), at.mailbox(options.names()));
    if (mailboxes.size() > options.arguments) return std::unexpected(CommandError::kTooManyArguments);
    VEREDUS_TRY(more, at.list_goes_on());
  }
  return mailboxes;
}

std::expected<void, CommandError> parse_filter(Cursor& at, const ReaderOptions& options, NotifyGroup& group) {
  struct Word {
    std::string_view name;
    NotifyFilter filter;
  };
  static constexpr Word kWords[] = {
      {"SELECTED", NotifyFilter::kSelected},  {"SELECTED-DELAYED", NotifyFilter::kSelectedDelayed},
      {"INBOXES", NotifyFilter::kInboxes},    {"PERSONAL", NotifyFilter::kPersonal},
      {"SUBTREE", NotifyFilter::kSubtree},    {"SUBSCRIBED", NotifyFilter::kSubscribed},
      {"MAILBOXES", NotifyFilter::kMailboxes}};
  for (const auto& word : kWords) {
    if (!at.take_word(word.name)) continue;
    group.filter = word.filter;
    if (word.filter != NotifyFilter::kSubtree && word.filter != NotifyFilter::kMailboxes) return {};
    VEREDUS_TRY(group.mailboxes, parse_mailboxes(at, options));
    return {};
  }
  return std::unexpected(CommandError::kNotifyFilter);
}

std::expected<void, CommandError> parse_event(Cursor& at, const ReaderOptions& options, NotifyGroup& group) {
  struct Word {
    std::string_view name;
    bool NotifyEvents::* member;
  };
  static constexpr Word kWords[] = {{"MessageNew", &NotifyEvents::message_new},
                                    {"MessageExpunge", &NotifyEvents::message_expunge},
                                    {"FlagChange", &NotifyEvents::flag_change},
                                    {"AnnotationChange", &NotifyEvents::annotation_change},
                                    {"MailboxName", &NotifyEvents::mailbox_name},
                                    {"SubscriptionChange", &NotifyEvents::subscription_change},
                                    {"MailboxMetadataChange", &NotifyEvents::mailbox_metadata_change},
                                    {"ServerMetadataChange", &NotifyEvents::server_metadata_change}};
  for (const auto& word : kWords) {
    if (!at.take_word(word.name)) continue;
    group.events.*word.member = true;
    const auto behind = at.position();
    if (word.member != &NotifyEvents::message_new || !at.skip_blanks() || at.peek() != '(') {
      at.go_to(behind);
      return {};
    }
    // RFC 5465 s5.1: items only for the selected mailbox.
    if (group.filter != NotifyFilter::kSelected && group.filter != NotifyFilter::kSelectedDelayed)
      return std::unexpected(CommandError::kListEnd);
    VEREDUS_TRY(group.new_items, parse_fetch_list(at, options.arguments));
    return {};
  }
  return std::unexpected(CommandError::kNotifyEvent);
}

/// RFC 5465 s5: MessageNew and MessageExpunge both or neither, and FlagChange (AnnotationChange) only with them.
bool is_consistent(const NotifyEvents& events) {
  if (events.message_new != events.message_expunge) return false;
  return events.message_new || !(events.flag_change || events.annotation_change);
}

///   event-group = "(" filter-mailboxes SP events ")" ; events = "(" event *(SP event) ")" / "NONE"
std::expected<NotifyGroup, CommandError> parse_group(Cursor& at, const ReaderOptions& options) {
  NotifyGroup group;
  VEREDUS_TRY(at.list_begin());
  VEREDUS_TRY(parse_filter(at, options, group));
  VEREDUS_TRY(at.space());
  if (!at.take_word("NONE")) {
    const auto begin = at.position();
    VEREDUS_TRY(at.list_begin());
    for (bool more = true; more;) {
      VEREDUS_TRY(parse_event(at, options, group));
      VEREDUS_TRY(more, at.list_goes_on());
    }
    if (!is_consistent(group.events)) {
      at.go_to(begin);
      return std::unexpected(CommandError::kNotifyPair);
    }
  }
  if (!at.list_end()) return std::unexpected(CommandError::kListEnd);
  return group;
}

}  // namespace

///   notify = "NOTIFY" SP ("SET" [SP "STATUS"] SP event-group *(SP event-group) / "NONE") (RFC 5465 s8)
std::expected<Notify, CommandError> parse_notify(Cursor& at, const ReaderOptions& options) {
  Notify notify;
  if (at.take_word("NONE")) return notify;
  if (!at.take_word("SET")) return std::unexpected(CommandError::kNotifyFilter);
  VEREDUS_TRY(at.space());
  if (at.take_word("STATUS")) {
    notify.status = true;
    VEREDUS_TRY(at.space());
  }
  do {
    VEREDUS_TRY(notify.groups.emplace_back(), parse_group(at, options));
    if (notify.groups.size() > options.arguments) return std::unexpected(CommandError::kTooManyArguments);
  } while (at.skip_blanks() && !at.at_end());
  return notify;
}

}  // namespace veredus::wire::imap
