#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/codec/utf8.h"
#include "rules/bounce/check_report.h"
#include "rules/bounce/classify.h"
#include "rules/bounce/recognize.h"

/// Any message and any reply is judged without a fault; what is told of it is valid UTF-8 of bounded size.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  using namespace veredus;
  const auto report = rules::bounce::recognize(input);
  if (report.recipients.size() > 256) std::abort();
  for (const auto& recipient : report.recipients) {
    if (!base::codec::is_valid_utf8(recipient.diagnostic) || recipient.diagnostic.size() > 8192) std::abort();
    if (recipient.hard && !rules::bounce::is_hard(recipient.reason)) std::abort();
  }
  const auto known = rules::bounce::classify_text(input);
  if (rules::bounce::category_of(to_string(known.category)) != known.category) std::abort();
  if (!base::codec::is_valid_utf8(rules::bounce::check_bounce_json(input))) std::abort();
  return 0;
}
