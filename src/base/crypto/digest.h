#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace veredus::base::crypto {

constexpr std::size_t kSha256Octets = 32;

/// SHA-256 of what comes in pieces. Source: RFC 6234. Movable; one thread at a time.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view octets);
  /// 32 octets. The object then starts anew.
  std::string finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// 32 octets.
std::string sha256(std::string_view octets);

/// 32 octets. Source: RFC 2104.
std::string hmac_sha256(std::string_view key, std::string_view message);

/// Whether both are equal, in a time that depends on their lengths alone.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace veredus::base::crypto
