#include <string>
#include <string_view>

#include "base/types/result.h"
#include "doors/pop3/command.h"
#include "doors/pop3/message_stream.h"

using namespace veredus::doors::pop3;

namespace {

/// The command as we would write it ourselves.
std::string written(const Command& command) {
  std::string line(to_string(command.verb));
  if (command.verb == Verb::kPass || !command.text.empty()) line.append(" ").append(command.text);
  if (!command.initial_response.empty()) line.append(" ").append(command.initial_response);
  if (command.message) line.append(" ").append(std::to_string(*command.message));
  if (command.verb == Verb::kTop) line.append(" ").append(std::to_string(command.lines));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(octets), size);
  if (const auto command = parse_command(input)) VEREDUS_CHECK(parse_command(written(*command)) == command);

  // Wherever a message is cut into chunks, the same octets go out, and nothing in them looks like the end.
  const std::size_t cut = size < 2 ? size : octets[0] % size;
  MessageStream whole;
  MessageStream pieces;
  std::string once = whole.feed(std::string(input));
  once += whole.finish();
  std::string twice = pieces.feed(std::string(input.substr(0, cut)));
  twice += pieces.feed(std::string(input.substr(cut)));
  twice += pieces.finish();
  VEREDUS_CHECK(once == twice);
  VEREDUS_CHECK(("\r\n" + once).find("\n.\r\n") == once.size() - 2);
  return 0;
}
