#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/arc/validation.h"

namespace arc = veredus::rules::arc;
namespace inquiry = veredus::rules::inquiry;

/// The first line is what DNS has; a message follows. Nothing a fuzzer makes up passes.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  const auto record = text.substr(0, text.find('\n'));
  const auto whole = text.substr(std::min(size, record.size() + 1));
  const auto body_at = std::min(whole.find("\r\n\r\n"), whole.size());
  veredus::rules::dkim::ReceivedMessage message(std::string(whole.substr(0, body_at)));
  arc::Validation check(&message, veredus::SystemTime());
  message.body(whole.substr(body_at));
  message.end();
  auto finish = check.finish();
  while (finish.question() != nullptr) {
    inquiry::Reply reply;
    reply.status = inquiry::ReplyStatus::kFound;
    reply.texts = {std::string(record)};
    finish.answer(std::move(reply));
  }
  const auto verdict = finish.take();
  if (verdict.result == arc::Result::kFail && verdict.problem.empty()) std::abort();
  return 0;
}
