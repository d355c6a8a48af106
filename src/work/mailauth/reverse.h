#pragma once

#include "base/codec/ip_address.h"
#include "rules/inquiry/inquiry.h"
#include "work/mailauth/findings.h"

namespace veredus::work::mailauth {

/// Whether one of the names of an address leads back to it. Source: RFC 8601 s2.7.3, with the bounds of RFC 7208 s5.5.
rules::inquiry::Inquiry<ReverseVerdict> check_reverse(base::codec::IpAddress address);

}  // namespace veredus::work::mailauth
