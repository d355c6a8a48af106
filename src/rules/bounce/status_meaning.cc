#include "rules/bounce/status_meaning.h"

#include <algorithm>
#include <array>

namespace veredus::rules::bounce {
namespace {

using enum Category;

struct Meaning {
  std::uint16_t subject;
  std::uint16_t detail;
  Category category;
};

/// RFC 3463 s3 and what was registered since. The class does not change the meaning.
constexpr std::array kMeanings = std::to_array<Meaning>({
    {1, 0, kUserUnknown},     {1, 1, kUserUnknown},    {1, 2, kHostUnknown},
    {1, 3, kUserUnknown},     {1, 4, kFiltered},       {1, 6, kHasMoved},
    {1, 7, kRejected},        {1, 8, kRejected},       {1, 9, kSystemError},
    {1, 10, kNotAccept},      {2, 0, kFiltered},       {2, 1, kSuspended},
    {2, 2, kMailboxFull},     {2, 3, kExceedLimit},    {2, 4, kFiltered},
    {3, 0, kSystemError},     {3, 1, kSystemFull},     {3, 2, kNotAccept},
    {3, 3, kSystemError},     {3, 4, kMessageTooBig},  {3, 5, kSystemError},
    {4, 0, kNetworkError},    {4, 1, kExpired},        {4, 2, kNetworkError},
    {4, 3, kSystemError},     {4, 4, kHostUnknown},    {4, 5, kTooManyConnections},
    {4, 6, kNetworkError},    {4, 7, kExpired},        {5, 0, kOnHold},
    {5, 1, kSyntaxError},     {5, 2, kSyntaxError},    {5, 3, kPolicyViolation},
    {5, 4, kSyntaxError},     {5, 5, kSystemError},    {5, 6, kSystemError},
    {6, 0, kContentError},    {6, 1, kContentError},   {6, 2, kContentError},
    {6, 3, kContentError},    {6, 4, kContentError},   {6, 5, kContentError},
    {6, 6, kContentError},    {6, 7, kContentError},   {6, 8, kContentError},
    {6, 9, kContentError},    {7, 0, kSecurityError},  {7, 1, kSecurityError},
    {7, 2, kFiltered},        {7, 3, kSecurityError},  {7, 4, kSecurityError},
    {7, 5, kSecurityError},   {7, 6, kSecurityError},  {7, 7, kSecurityError},
    {7, 8, kSecurityError},   {7, 9, kSecurityError},  {7, 10, kFailedStartTls},
    {7, 11, kSecurityError},  {7, 12, kSecurityError}, {7, 13, kSuspended},
    {7, 14, kSecurityError},  {7, 15, kSpeeding},      {7, 16, kSecurityError},
    {7, 17, kHasMoved},       {7, 18, kHasMoved},      {7, 20, kAuthFailure},
    {7, 21, kAuthFailure},    {7, 22, kAuthFailure},   {7, 23, kAuthFailure},
    {7, 24, kAuthFailure},    {7, 25, kRequirePtr},    {7, 26, kAuthFailure},
    {7, 27, kNotAccept},      {7, 28, kSpeeding},      {7, 29, kAuthFailure},
    {7, 30, kFailedStartTls}, {2, 121, kSpeeding},     {2, 122, kSpeeding},
});

/// Microsoft's own details, which it documents: 5.7.3xx to 5.7.7xx.
Category by_private_detail(std::uint16_t detail) {
  switch (detail) {
    case 502:
    case 503:  // the sender is banned
      return kRejected;
    case 504:
    case 505:
    case 507:  // the recipient refuses
      return kFiltered;
    case 506:  // HELO
      return kBlocked;
    case 508:
    case 705:
    case 708:
      return kSpeeding;
    case 509:
    case 515:
      return kAuthFailure;
    case 510:  // no mail over IPv6
      return kNotAccept;
    case 512:
      return kNotCompliantRfc;
    default:
      break;
  }
  if (detail >= 320 && detail < 330) return kFailedStartTls;
  if (detail >= 511 && detail < 700) return kBlocked;
  if (detail == 501) return kSpamDetected;
  return kSecurityError;
}

}  // namespace

Category category_by_status(wire::smtp::EnhancedStatus status) {
  if (status.klass == 0) return kUndefined;
  if (status.klass == 2) return kDelivered;
  const auto* const found = std::ranges::find_if(kMeanings, [&](const Meaning& meaning) {
    return meaning.subject == status.subject && meaning.detail == status.detail;
  });
  if (status == wire::smtp::EnhancedStatus{4, 3, 0}) return kOnHold;       // many say it of whatever may pass
  if (status == wire::smtp::EnhancedStatus{4, 3, 2}) return kSystemError;  // closed for now is not closed for ever
  if (found != kMeanings.end()) return found->category;
  if (status.subject == 7 && status.detail > 100) return by_private_detail(status.detail);
  return kOnHold;
}

}  // namespace veredus::rules::bounce
