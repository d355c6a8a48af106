// Precompiled for the unit tests of the wings `io` and above.
#pragma once

#include "pch.h"
#include "plain_test_pch.h"
