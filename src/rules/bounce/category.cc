#include "rules/bounce/category.h"
