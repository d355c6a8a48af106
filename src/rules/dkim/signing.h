#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/signing_key.h"
#include "base/types/clock.h"
#include "rules/dkim/canonical_body.h"
#include "wire/mime/header_block.h"

namespace veredus::rules::dkim {

struct SigningOptions {
  Canonical header = Canonical::kRelaxed;
  Canonical body = Canonical::kRelaxed;
  /// Signed where they stand. The defaults follow RFC 6376 s5.4.1.
  std::vector<std::string> fields = {"From",
                                     "Sender",
                                     "Reply-To",
                                     "Subject",
                                     "Date",
                                     "Message-ID",
                                     "To",
                                     "Cc",
                                     "In-Reply-To",
                                     "References",
                                     "MIME-Version",
                                     "Content-Type",
                                     "Content-Transfer-Encoding",
                                     "Content-ID",
                                     "Content-Description",
                                     "Resent-Date",
                                     "Resent-From",
                                     "Resent-Sender",
                                     "Resent-To",
                                     "Resent-Cc",
                                     "Resent-Message-ID",
                                     "List-Id",
                                     "List-Help",
                                     "List-Unsubscribe",
                                     "List-Unsubscribe-Post",
                                     "List-Subscribe",
                                     "List-Post",
                                     "List-Owner",
                                     "List-Archive"};
  /// Named once more than they stand, so that nobody can add another one (RFC 6376 s8.15).
  std::vector<std::string> oversigned = {"From", "To", "Subject", "Date", "Message-ID"};
  std::optional<std::chrono::seconds> lifetime;  // x=
};

/// In whose name, and with which of its keys.
struct SigningName {
  std::string domain;    // A-labels
  std::string selector;  // A-labels
  std::string identity;  // i=; empty: left out
};

/// c=: "relaxed/relaxed".
std::string canonical_words(const SigningOptions& options);

/// What to write into h=: `options`' fields as they stand in the message.
std::vector<std::string> fields_to_sign(const std::vector<wire::mime::Field>& fields, const SigningOptions& options);

/// A list of fields as h= has it: "from:to:subject".
std::string joined_names(const std::vector<std::string>& names);

/// The word for a= of what `key` signs.
std::string_view algorithm_word(const base::crypto::PrivateKey& key);

/// A DKIM-Signature field for a message, with its line end, to be put before it. `header` has CRLF line ends,
/// `body_digest` is BodyHash's in `options.body` form, without a limit. RSA takes a millisecond. Source: RFC 6376 s5.
std::string sign(std::string_view header, std::string_view body_digest, const SigningName& name,
                 const base::crypto::PrivateKey& key, const SigningOptions& options, SystemTime now);

}  // namespace veredus::rules::dkim
