#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/codec/utf8.h"
#include "base/types/result.h"
#include "state/search/message_text.h"
#include "wire/mime/message.h"

using namespace veredus;
using state::search::MessageText;

namespace {
struct Collected final : state::search::TextSink {
  void field(Owner, std::string_view name, std::string_view value) override { all.append(name).append(value); }
  void text(std::string_view piece) override { VEREDUS_CHECK(base::codec::is_valid_utf8(piece)); }
  void end_text() override {}
  std::string all;
};
}  // namespace

/// The first octet says how large the pieces are; the rest is a message. Its headers are found however it is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view message(reinterpret_cast<const char*>(input + 1), size - 1);
  const auto table = wire::mime::decode_part_table(wire::mime::encode_part_table(wire::mime::parse(message)));
  Collected whole;
  Collected cut;
  MessageText(*table, MessageText::Parts::kAll, whole).feed(0, message);
  MessageText in_pieces(*table, MessageText::Parts::kAll, cut);
  const std::size_t piece = *input + 1;
  for (std::size_t at = 0; at < message.size(); at += piece) in_pieces.feed(at, message.substr(at, piece));
  VEREDUS_CHECK(whole.all == cut.all);
  return 0;
}
