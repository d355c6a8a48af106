#include "rules/arf/feedback.h"
