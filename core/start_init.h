/* SPDX-License-Identifier: MIT */
/* Starting init, and saying why it ended. */
#ifndef CORE_START_INIT_H
#define CORE_START_INIT_H

#include "purlin/types.h"

/* init finds its parent at `endpoint`; `watch` is told bit 1 when it ends. */
purlin_s64 start_init(purlin_u64 endpoint, purlin_u64 watch);
void report_init(void);

#endif
