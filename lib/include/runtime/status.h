/* SPDX-License-Identifier: MIT */
#ifndef RUNTIME_STATUS_H
#define RUNTIME_STATUS_H

#include "purlin/types.h"

/* A status of a kernel call or session in words: "no right", ... */
const char *status_text(purlin_s64 status);

#endif
