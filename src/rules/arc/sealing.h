#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/signing_key.h"
#include "base/types/clock.h"
#include "rules/arc/validation.h"
#include "rules/dkim/signing.h"

namespace veredus::rules::arc {

struct SealingOptions {
  dkim::SigningOptions signing;  // fields, oversigned, canonical forms of the ARC-Message-Signature

  /// DKIM-Signature is signed as well, and no field is oversigned: a later hop is another sealer's affair.
  SealingOptions();
};

/// A new ARC set for a message, three fields with their line ends, to be put before it; empty when the chain must not
/// grow: it has 50 sets, or its last seal says it is broken (RFC 8617 s5.1). `header` with CRLF line ends;
/// `body_digest` is BodyHash's in `options.signing.body` form; `chain` is what Validation came to; `results` is the
/// value of an Authentication-Results field: "mx.example.org; spf=pass …". Source: RFC 8617 s5.1.
std::string seal(std::string_view header, std::string_view body_digest, Result chain, std::string_view results,
                 const dkim::SigningName& name, const base::crypto::PrivateKey& key, const SealingOptions& options,
                 SystemTime now);

}  // namespace veredus::rules::arc
