#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/crypto/digest.h"

namespace veredus::rules::dkim {

/// RFC 6376 s3.4.
enum class Canonical : std::uint8_t { kSimple, kRelaxed };

/// The hash of a body, as it streams by: cut anywhere. Source: RFC 6376 s3.4.3, s3.4.4, s3.7.
class BodyHash {
 public:
  /// `limit`: of l=, in canonical octets; nullopt: all of it.
  BodyHash(Canonical canonical, std::optional<std::uint64_t> limit);

  void feed(std::string_view octets);
  /// 32 octets. Once, after the last of the body.
  std::string finish();

  /// Canonical octets of the whole body; of one that is longer than the limit some number over it. After finish().
  [[nodiscard]] std::uint64_t octets() const { return octets_; }

 private:
  void feed_simple(std::string_view octets);
  void feed_relaxed(std::string_view octets);
  void content(std::string_view octets);
  void emit(std::string_view octets);
  void flush();

  Canonical canonical_;
  std::uint64_t limit_;
  std::uint64_t octets_ = 0;
  std::uint64_t line_ends_ = 0;   // seen, and not yet hashed: at the end they do not count
  bool carriage_return_ = false;  // the last octet was one
  bool space_ = false;            // white space is held back (relaxed)
  bool any_content_ = false;
  std::string buffer_;
  base::crypto::Sha256 hash_;
};

}  // namespace veredus::rules::dkim
