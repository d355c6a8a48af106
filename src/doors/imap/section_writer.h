#pragma once

#include <cstddef>
#include <vector>

#include "doors/imap/body_reader.h"
#include "doors/imap/fetch_plan.h"
#include "doors/imap/fetched_message.h"
#include "doors/imap/reply_pace.h"
#include "doors/imap/section.h"
#include "doors/imap/talk.h"
#include "wire/imap/fetch_reply.h"

namespace veredus::doors::imap {

/// Writes sections of one message, BODY[…], BINARY[…] and their old names, from its octets.
class SectionWriter {
 public:
  /// All must outlive it. Takes the message's first chunk.
  SectionWriter(Talk* talk, const FetchPlan* plan, ReplyPace* pace, FetchedMessage* message);

  /// Whether an item of this kind is a section.
  [[nodiscard]] static bool writes(wire::imap::FetchKind kind);

  /// True: item `index` of the plan was answered from what is at hand. False: call put() for it.
  bool put_now(wire::imap::FetchReply& reply, std::size_t index);
  /// False: the connection is of no more use, because the client is gone or the body broke off.
  asio::awaitable<bool> put(wire::imap::FetchReply* reply, std::size_t index);
  /// A part for BINARY was in an encoding nobody knows (RFC 3516 s4.3).
  [[nodiscard]] bool met_unknown_encoding() const { return met_unknown_encoding_; }

 private:
  [[nodiscard]] SectionPlace find(const wire::imap::FetchItem& item);
  /// True: there is nothing of which octets could be told.
  bool put_nothing(wire::imap::FetchReply& reply, const wire::imap::FetchItem& item);
  bool put_fields_now(wire::imap::FetchReply& reply, std::size_t index);
  bool put_octets_now(wire::imap::FetchReply& reply, const wire::imap::FetchItem& item);
  asio::awaitable<bool> put_octets(wire::imap::FetchReply* reply, const wire::imap::FetchItem* item);
  asio::awaitable<bool> put_fields(wire::imap::FetchReply* reply, std::size_t index);
  asio::awaitable<bool> put_binary(wire::imap::FetchReply* reply, const wire::imap::FetchItem* item);

  Talk* talk_;
  const FetchPlan* plan_;
  ReplyPace* pace_;
  const FetchedMessage* message_;
  BodyReader body_;
  std::vector<wire::mime::PartEntry> parts_;  // once they are needed
  SectionPlace place_;                        // of the item put_now() was called for
  bool met_unknown_encoding_ = false;
};

}  // namespace veredus::doors::imap
