/* SPDX-License-Identifier: MIT */
/* What init and core hold. */
#ifndef TEST_CENSUS_H
#define TEST_CENSUS_H

#include <stdbool.h>

bool is_census(const char *service);
void census_tell(void);

#endif
