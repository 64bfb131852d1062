/* SPDX-License-Identifier: MIT */
/*
 * What a visitor does with each server. Each part returns OK, or DEAD when the server died
 * meanwhile; the visitor may then do the part again. Any other answer than those that the session
 * headers allow is a failure, which is logged.
 */
#ifndef TEST_VISIT_H
#define TEST_VISIT_H

#include "purlin/types.h"

extern purlin_u64 visit_signal;

purlin_s64 visit_core(void);
purlin_s64 visit_terminal(void);
purlin_s64 visit_pci(void);
purlin_s64 visit_echo(void);

#endif
