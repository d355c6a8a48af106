#pragma once

#include <string>
#include <string_view>

#include "rules/bounce/classify.h"
#include "rules/bounce/recognize.h"
#include "rules/bounce/reply_codes.h"

namespace veredus::rules::bounce {

/// Reads the reason of one recipient out of what a report says of it, from the closest words to the widest. Holds views
/// of what it is made from.
class Judgement {
 public:
  Judgement(std::string_view recipient, wire::smtp::EnhancedStatus status, std::string_view remote_mta)
      : around_{.remote_mta = remote_mta, .recipient = recipient, .command = {}, .hearsay = true, .status = status} {}

  /// Takes the step of the session from `text`, unless it is known.
  void set_step(std::string_view text);

  /// Takes `text` into account unless something closer was as sure.
  void consider(std::string_view text);

  /// Whether nothing wider can be surer.
  [[nodiscard]] bool settled() const;

  /// Sets reason, hard, status, reply and diagnostic.
  void write(BouncedRecipient& out) const;

 private:
  void consider_text(std::string_view text);

  Circumstances around_;
  Classification best_;
  ReplyCodes codes_;
  std::string diagnostic_;
};

}  // namespace veredus::rules::bounce
