#include "state/mailbox/rights.h"

namespace veredus::state::mailbox {
namespace {

constexpr std::string_view kLetters = "lrswipkxtea";  // in the order of the bits

}  // namespace

std::optional<Rights> Rights::parse(std::string_view letters) {
  Rights rights;
  for (const char letter : letters) {
    if (const auto place = kLetters.find(letter); place != std::string_view::npos)
      rights = rights.with(from_bits(static_cast<std::uint16_t>(1U << place)));
    else if (letter == 'c')
      rights = rights.with({Right::kCreate});
    else if (letter == 'd')
      rights = rights.with({Right::kDelete, Right::kDeleteMessages, Right::kExpunge});
    else
      return std::nullopt;
  }
  return rights;
}

std::string Rights::letters() const {
  std::string letters;
  for (std::size_t place = 0; place < kLetters.size(); ++place)
    if ((bits_ >> place & 1) != 0) letters.push_back(kLetters[place]);
  return letters;
}

}  // namespace veredus::state::mailbox
