#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "doors/imap/fetch_plan.h"
#include "doors/imap/fetched_message.h"
#include "doors/imap/reply_pace.h"
#include "doors/imap/talk.h"
#include "state/mailbox/email_sheet.h"
#include "state/mailbox/message.h"
#include "state/mailbox/uid_set.h"
#include "wire/imap/fetch_reply.h"
#include "wire/imap/repeated_line.h"

namespace veredus::doors::imap {

/// Of one stretch of messages, by column of the plan.
using Sheets = std::vector<std::shared_ptr<const state::mailbox::EmailSheet>>;

/// Writes FETCH lines of messages in ascending order. Knows the session, the plan and the pace; all must outlive it.
class FetchWriter {
 public:
  FetchWriter(Talk* talk, const FetchPlan* plan, ReplyPace* pace);

  /// A line that needs nothing but the row: no waiting.
  void write_row(const state::mailbox::Message& row, std::uint32_t number);
  /// A line made of the row and sheets. kNotThere: the email is gone; kIncomplete: the sheets do not have all of it.
  /// Then nothing is written.
  enum class Listed : std::uint8_t { kWritten, kNotThere, kIncomplete };
  Listed write_listed(const state::mailbox::Message& row, std::uint32_t number, const Sheets& sheets);
  /// Any line. False: the connection is of no more use, because the client is gone or a body broke off.
  asio::awaitable<bool> write(FetchedMessage* message);
  /// A part for BINARY was in an encoding nobody knows (RFC 3516 s4.3).
  [[nodiscard]] bool met_unknown_encoding() const { return met_unknown_encoding_; }

 private:
  wire::imap::FetchReply begin(const state::mailbox::Message& row, std::uint32_t number);
  /// As shown_flags says.
  std::uint8_t flags_of(const state::mailbox::Message& row);
  /// Whether the line of this message is the one written last, with its numbers counted up.
  bool is_repeated(const state::mailbox::Message& row, std::uint32_t number);
  void put_listed_item(wire::imap::FetchReply& reply, std::size_t index, const state::mailbox::Message& row);
  void put_listed_fields(wire::imap::FetchReply& reply, std::size_t index, std::string_view packed);
  void put_lines(wire::imap::FetchReply& reply, std::size_t index);
  void put_flag_list(wire::imap::FetchReply& reply, const state::mailbox::Message& row);
  void put_row_item(wire::imap::FetchReply& reply, const wire::imap::FetchItem& item,
                    const state::mailbox::Message& row);
  void put_email_item(wire::imap::FetchReply& reply, const wire::imap::FetchItem& item, const FetchedMessage& message);
  /// True: item `index` of the plan was answered from what is stored.
  bool put_stored(wire::imap::FetchReply& reply, std::size_t index, const FetchedMessage& message);
  /// Item `index` of the plan, from the stored fields.
  void put_stored_fields(wire::imap::FetchReply& reply, std::size_t index, const state::mailbox::EmailView& email);
  void finish(wire::imap::FetchReply& reply, const state::mailbox::Message& row, bool flags_changed);

  Talk* talk_;
  const FetchPlan* plan_;
  ReplyPace* pace_;
  wire::imap::FetchReply::Form form_;
  bool met_unknown_encoding_ = false;
  std::span<const state::mailbox::UidRange> recent_;  // what is shown as such, from the last message up
  std::vector<std::pair<std::string_view, std::string_view>> chosen_;  // fields of the message being written
  std::vector<std::string_view> values_;                               // of its columns
  std::vector<std::string_view> lines_;                                // of its fields
  /// The list written last: neighbours mostly have the same flags.
  struct FlagText {
    std::uint8_t system = 0;
    state::mailbox::KeywordSet keywords;
    std::string text;  // empty: none was written
    [[nodiscard]] bool is_of(std::uint8_t bits, const state::mailbox::KeywordSet& set) const {
      return !text.empty() && system == bits && keywords == set;
    }
  };
  FlagText flags_;
  /// The line written last, when it is of flags alone.
  struct FlagLine {
    std::uint32_t number = 0;
    Uid uid;
    ModSeq modseq;
    wire::imap::RepeatedLine text;
  };
  FlagLine last_;
  wire::imap::DecimalText number_;  // of the line written last
  wire::imap::DecimalText uid_;
};

}  // namespace veredus::doors::imap
