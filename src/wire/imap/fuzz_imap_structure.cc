#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/types/result.h"
#include "wire/imap/response_reader.h"
#include "wire/mime/structure_parser.h"
#include "wire/mime/summary.h"

using namespace veredus::wire;

/// Whatever the message, what a mailbox stores of it is read back by a mail program: one list, nothing behind it.
static void check(std::string_view stored, std::size_t least_items) {
  const auto value = imap::read_value(stored);
  VEREDUS_CHECK(value && value->kind == imap::ResponseValue::Kind::kList && value->items.size() >= least_items);
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view message(reinterpret_cast<const char*>(octets), size);
  mime::StructureParser parser;
  parser.feed(message);
  const auto summary = mime::summarize(parser.finish());
  check(summary.envelope, 10);
  check(summary.bodystructure, 2);
  check(summary.body, 2);
  return 0;
}
