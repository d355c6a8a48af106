#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace veredus::base::codec {

/// The form in which a password is hashed and compared; whoever stores or checks one calls this first, so that the same
/// keystrokes on another keyboard still match. Idempotent.
/// SASLprep (RFC 4013) where the text permits it, since SCRAM clients do the same (RFC 5802 s2.2); else OpaqueString
/// (RFC 8265 s4.2), which knows characters that Unicode 3.2 did not. nullopt: empty, no UTF-8, or a control character.
std::optional<std::string> prepare_password(std::string_view password);

/// The same for the name somebody authenticates as. Case stays; the directory folds it. nullopt as above.
std::optional<std::string> prepare_username(std::string_view username);

}  // namespace veredus::base::codec
