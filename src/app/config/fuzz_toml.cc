#include <cstdint>
#include <string_view>

#include "app/config/configuration.h"
#include "base/types/result.h"

/// Whatever the file says: a configuration or at least one error, each with a text.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  const auto parsed = veredus::app::config::parse_configuration(text, "fuzz", "/");
  if (!parsed) {
    VEREDUS_CHECK(!parsed.error().empty());
    for (const auto& error : parsed.error()) VEREDUS_CHECK(!error.text.empty());
  } else {
    VEREDUS_CHECK(!parsed->hostname.empty() && !parsed->data_directory.empty() && !parsed->listeners.empty());
  }
  return 0;
}
