/* SPDX-License-Identifier: MIT */
/* One function for each session. */
#ifndef SESSION_TEST_TESTS_H
#define SESSION_TEST_TESTS_H

#include "../check.h"
#include "purlin/boot.h"

#define ALL_BUT_DESTROY (PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY)

void test_log(void);
void test_rom(void);
void test_ram(void);
void test_claims(void);
void test_io_port(void);
void test_io_mem(void);
void test_irq(void);
void test_processors(void);
void test_timer(void);
void test_terminal(void);
void test_parent(void);
void test_most_sessions(void);

#endif
