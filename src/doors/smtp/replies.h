#pragma once

#include <string_view>

#include "doors/smtp/step.h"
#include "wire/smtp/command_error.h"
#include "wire/smtp/data_stream.h"
#include "wire/smtp/reply.h"

namespace veredus::doors::smtp {

/// What a command that was not understood is answered. `line` is the command.
[[nodiscard]] wire::smtp::Reply reply_for(wire::smtp::CommandError error, std::string_view line);
[[nodiscard]] wire::smtp::Reply reply_for(LineError error);
[[nodiscard]] wire::smtp::Reply reply_for(wire::smtp::LineFault fault);

}  // namespace veredus::doors::smtp
