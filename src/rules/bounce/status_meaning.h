#pragma once

#include "rules/bounce/category.h"
#include "wire/smtp/reply.h"

namespace veredus::rules::bounce {

/// What an enhanced status means by itself. kOnHold: it says nothing (x.0.0 and the like); kUndefined: none was given.
/// Source: RFC 3463 s3, RFC 5248's registry.
[[nodiscard]] Category category_by_status(wire::smtp::EnhancedStatus status);

}  // namespace veredus::rules::bounce
