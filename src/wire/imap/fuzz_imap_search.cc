#include <cstddef>
#include <cstdint>

#include "base/types/result.h"
#include "wire/imap/cursor.h"
#include "wire/imap/search_parser.h"

using namespace veredus::wire::imap;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  Cursor at(std::string_view(reinterpret_cast<const char*>(octets), size));
  const ReaderOptions options;
  const auto search = parse_search(at, false, options);
  if (!search) {
    VEREDUS_CHECK(!to_string(search.error()).empty());
    return 0;
  }
  // What was understood can be said again and is understood the same.
  const auto again = "CHARSET UTF-8 " + to_string(search->key);
  Cursor second(again);
  const auto reparsed = parse_search(second, false, options);
  // Said again it stands in one more list, so only that limit may be in the way.
  if (!reparsed && (reparsed.error() == CommandError::kNesting || reparsed.error() == CommandError::kTooManyTerms))
    return 0;
  VEREDUS_CHECK(reparsed && reparsed->key.children.size() == 1 && reparsed->key.children.front() == search->key);
  return 0;
}
