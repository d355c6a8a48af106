#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/types/result.h"
#include "wire/imap/command_reader.h"

using namespace veredus::wire::imap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  std::string_view input(reinterpret_cast<const char*>(octets), size);
  ReaderOptions options;
  options.message_octets = 1000;
  options.discard_octets = 1000;
  CommandReader reader(options);
  ReadStep step = NeedLine{};
  while (!input.empty()) {
    std::uint64_t wanted = 0;
    const bool keep = std::holds_alternative<NeedLiteral>(step);
    if (const auto* need = std::get_if<NeedLiteral>(&step)) wanted = need->octets;
    if (const auto* need = std::get_if<NeedMessage>(&step)) {
      VEREDUS_CHECK((reader.append() != nullptr) != (reader.replace() != nullptr));
      wanted = need->octets;
    }
    if (const auto* need = std::get_if<Discard>(&step)) wanted = need->octets;
    if (const auto* refused = std::get_if<Refused>(&step)) VEREDUS_CHECK(!refused->tag.empty() && refused->error);
    if (const auto* done = std::get_if<Complete>(&step)) VEREDUS_CHECK(!name_of(done->command.what).empty());
    const bool line = step.index() == 0 || step.index() >= 4;  // NeedLine, Complete, Refused
    const auto end = line ? std::min(input.find('\n'), input.size()) : std::min<std::size_t>(wanted, input.size());
    const auto piece = input.substr(0, end);
    input.remove_prefix(std::min(end + (line ? 1 : 0), input.size()));
    if (line) {
      step = reader.feed_line(piece.ends_with('\r') ? piece.substr(0, piece.size() - 1) : piece);
    } else {
      if (!keep && piece.size() < wanted) return 0;
      step = keep ? reader.feed_literal(std::string(piece) + std::string(wanted - piece.size(), ' ')) : reader.passed();
    }
  }
  return 0;
}
