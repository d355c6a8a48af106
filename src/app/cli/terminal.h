#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto/secret.h"

namespace veredus::app::cli {

/// Asks twice on a terminal, without echo; from a pipe or file, takes the first line. nullopt: the two differ, or there
/// is nothing. Says why on standard error.
std::optional<base::crypto::Secret> read_new_password(std::string_view whose);

/// Asks once on a terminal, without echo; from a pipe or file, takes the first line. nullopt: there is none, said on
/// standard error.
std::optional<base::crypto::Secret> read_password(std::string_view whose);

/// All of standard input.
std::string read_input();

/// Prints rows under their titles, columns aligned.
void print_table(const std::vector<std::string>& titles, const std::vector<std::vector<std::string>>& rows);

/// What others said or wrote, fit for a terminal: nothing that steers it.
std::string printable(std::string_view text);

/// 1536 -> "1.5 KiB".
std::string shown_size(std::uint64_t octets);

}  // namespace veredus::app::cli
