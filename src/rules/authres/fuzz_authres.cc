#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rules/authres/merged.h"
#include "rules/authres/results.h"

namespace authres = veredus::rules::authres;

static constexpr std::string_view kOurs = "mx.example.org";

/// What is read and written again reads the same, and stays one field; a field with our name is always known.
/// Whatever stands beside our results, they are still ours when they have been merged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(octets), size);
  static_cast<void>(authres::claims_to_be(value, kOurs));
  const auto merged = authres::merged_value({value, "mx.example.org; spf=pass", value}, kOurs);
  if (!authres::claims_to_be(merged, kOurs) || !merged.contains("; spf=pass")) std::abort();
  const auto read = authres::read_field(value);
  if (!read) return 0;
  if (!authres::claims_to_be(value, read->authserv_id)) std::abort();
  const auto written = authres::to_field_value(*read);
  for (std::size_t at = 0; (at = written.find('\n', at)) != written.npos; ++at)
    if (at + 1 == written.size() || written[at + 1] != '\t') std::abort();
  const auto again = authres::read_field(written);
  if (!again || again->methods.size() != read->methods.size()) std::abort();
  for (std::size_t i = 0; i < read->methods.size(); ++i)
    if (again->methods[i].method != read->methods[i].method) std::abort();
  return 0;
}
