#pragma once

#include <optional>

#include "doors/admin/calls.h"
#include "state/directory/mail_list.h"

namespace veredus::doors::admin {

/// The list a path names, as it is now.
[[nodiscard]] std::optional<state::directory::MailList> list_of(const Services& services,
                                                                const io::http::Request& request);

}  // namespace veredus::doors::admin
