#include "base/crypto/random.h"

#include <openssl/rand.h>

#include "base/types/result.h"

namespace veredus::base::crypto {

std::string random_octets(std::size_t count) {
  std::string out(count, '\0');
  VEREDUS_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
  return out;
}

std::uint64_t random_u64() {
  std::uint64_t out = 0;
  VEREDUS_CHECK(RAND_bytes(reinterpret_cast<unsigned char*>(&out), sizeof(out)) == 1);
  return out;
}

}  // namespace veredus::base::crypto
