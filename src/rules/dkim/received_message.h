#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/dkim/body_hashes.h"
#include "wire/mime/header_block.h"

namespace veredus::rules::dkim {

/// A message as its signatures and seals look at it: the header taken apart, and the hashes they want of the body, each
/// made once.
///
///   ReceivedMessage message(header);
///   Verification check(&message, now, options);   // and others; they say which hashes they want
///   message.body(octets) … message.end();
///   auto verdicts = check.finish();
///
/// Stays where it is, and outlives those who look at it.
class ReceivedMessage {
 public:
  /// `header`: all before the empty line, with CRLF line ends.
  explicit ReceivedMessage(std::string header)
      : header_(std::move(header)), fields_(wire::mime::read_fields(header_)) {}
  ReceivedMessage(const ReceivedMessage&) = delete;
  ReceivedMessage& operator=(const ReceivedMessage&) = delete;
  ~ReceivedMessage() = default;

  /// From the top; views of the header that is kept here.
  [[nodiscard]] const std::vector<wire::mime::Field>& fields() const { return fields_; }
  [[nodiscard]] BodyHashes& hashes() { return hashes_; }

  void body(std::string_view octets) { hashes_.feed(octets); }
  /// After the last octet; once.
  void end() { hashes_.finish(); }

 private:
  std::string header_;
  std::vector<wire::mime::Field> fields_;
  BodyHashes hashes_;
};

}  // namespace veredus::rules::dkim
