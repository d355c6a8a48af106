#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/dmarc/evaluation.h"

namespace dmarc = veredus::rules::dmarc;
namespace inquiry = veredus::rules::inquiry;

/// Lines are what DNS answers, one after the other: an evaluation ends, and asks no more than the walks may.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(octets), size);
  dmarc::Message message;
  message.author_domain = "a.b.c.d.e.f.g.h.i.j.example.org";
  message.dkim_domains = {"x.b.c.d.example.org", "example.org"};
  auto evaluation = dmarc::evaluate(message, dmarc::Options());
  std::size_t asked = 0;
  while (evaluation.question() != nullptr) {
    if (++asked > 4 * 8 + 1) std::abort();
    const auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    inquiry::Reply reply;
    reply.status = line.empty() ? inquiry::ReplyStatus::kNoRecord : inquiry::ReplyStatus::kFound;
    reply.texts = {std::string(line)};
    evaluation.answer(std::move(reply));
  }
  const auto verdict = evaluation.take();
  if (verdict.result == dmarc::Result::kPass && verdict.disposition != dmarc::Policy::kNone) std::abort();
  return 0;
}
