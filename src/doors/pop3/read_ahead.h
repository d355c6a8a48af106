#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "doors/pop3/maildrop.h"

namespace veredus::doors::pop3 {

/// Messages that are read before they are asked for: most clients take one after the other, and one read of many costs
/// little more than one of one. Holds kOctets at most, and nothing for who jumps about. A plain value.
class ReadAhead {
 public:
  static constexpr std::uint64_t kOctets = 128 * 1024;
  static constexpr std::size_t kMessages = 64;

  /// Takes the message out, if it is here. From now on it is the one asked for last.
  std::optional<std::string> take(std::uint32_t number);
  /// The message `number`, which is not here, and what is worth reading with it. Empty: read it alone. Forgets what was
  /// put before.
  std::vector<std::uint32_t> wanted(const Maildrop& maildrop, std::uint32_t number);
  void put(std::uint32_t number, std::string octets) { kept_.insert_or_assign(number, std::move(octets)); }

 private:
  std::map<std::uint32_t, std::string> kept_;
  std::uint32_t last_ = 0;
  std::uint32_t before_last_ = 0;
};

}  // namespace veredus::doors::pop3
