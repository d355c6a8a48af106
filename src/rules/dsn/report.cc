#include "rules/dsn/report.h"
