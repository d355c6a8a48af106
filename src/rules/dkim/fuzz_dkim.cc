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
  const auto whole = text.substr(std::min(size, record.size() + 1));
  const auto body_at = std::min(whole.find("\r\n\r\n"), whole.size());
  dkim::ReceivedMessage message(std::string(whole.substr(0, body_at)));
  dkim::Verification check(&message, {}, dkim::Options());
  for (std::size_t at = body_at; at < whole.size(); at += 5) message.body(whole.substr(at, 5));
  message.end();
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
