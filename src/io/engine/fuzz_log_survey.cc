#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/types/result.h"
#include "io/engine/log_survey.h"

namespace {

using veredus::io::engine::kLogBlockOctets;
namespace engine = veredus::io::engine;

engine::LogVerdict survey(std::string_view log) {
  engine::LogTokens tokens;
  engine::LogReader reader(1, tokens);
  for (std::size_t at = 0; at < log.size(); at += kLogBlockOctets) reader.read_block(log.substr(at, kLogBlockOctets));
  return engine::judge(std::vector<engine::LogTrace>{reader.finish()});
}

}  // namespace

/// Whatever it is, it has an end within itself, and what stands before that is whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view log(reinterpret_cast<const char*>(octets), size);
  const auto end = survey(log).ends.at(1);
  VEREDUS_CHECK(end <= size);
  const auto again = survey(log.substr(0, end));
  VEREDUS_CHECK(again.ends.at(1) == end);
  return 0;
}
