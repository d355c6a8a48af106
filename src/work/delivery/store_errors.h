#pragma once

#include "io/engine/engine.h"
#include "state/mailbox/mailbox_error.h"
#include "work/delivery/delivery_error.h"

namespace veredus::work::delivery {

/// What the state's errors mean for a message under way. `engine` tells a full disk from a passing failure.
[[nodiscard]] DeliveryError delivery_error(io::engine::StoreError error, const io::engine::Engine& engine);
[[nodiscard]] DeliveryError delivery_error(state::mailbox::MailboxError error, const io::engine::Engine& engine);

}  // namespace veredus::work::delivery
