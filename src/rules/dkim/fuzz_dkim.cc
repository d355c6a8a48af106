#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/dkim/verification.h"

namespace dkim = veredus::rules::dkim;
namespace inquiry = veredus::rules::inquiry;

/// The first line is what DNS has; a message follows. Whatever it is, every signature gets a verdict.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(octets), size);
  const auto record = text.substr(0, text.find('\n'));
  const auto message = text.substr(std::min(size, record.size() + 1));
  const auto body_at = std::min(message.find("\r\n\r\n"), message.size());
  dkim::Verification check(std::string(message.substr(0, body_at)), {}, dkim::Options());
  for (std::size_t at = body_at; at < message.size(); at += 5) check.body(message.substr(at, 5));
  auto finish = check.finish();
  while (finish.question() != nullptr) {
    inquiry::Reply reply;
    reply.status = inquiry::ReplyStatus::kFound;
    reply.texts = {std::string(record)};
    finish.answer(std::move(reply));
  }
  for (const auto& verdict : finish.take())
    if (verdict.result == dkim::Result::kNone) std::abort();
  return 0;
}
