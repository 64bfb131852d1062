/* SPDX-License-Identifier: MIT */
/* A server as it ships. */
#include "seeded.h"

void seeded_at_close(void)
{
}

void seeded_at_death(void)
{
}
