#pragma once

/// toml++ with errors as values.
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>
