#pragma once

/// toml++ with errors as values.
#define TOML_EXCEPTIONS 0
#include <toml++/impl/preprocessor.h>
// Its parser "assumes" what a file can make untrue ("[[." as a header): an abort where assertions are on, undefined
// where they are off. The branch that makes an error of it stands right behind.
#undef TOML_ASSERT_ASSUME
#define TOML_ASSERT_ASSUME(expr) static_assert(true)
#include <toml++/toml.h>
