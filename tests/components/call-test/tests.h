/* SPDX-License-Identifier: MIT */
/* The kernel calls with the errors abi/calls.toml names, by object. */
#ifndef CALL_TEST_TESTS_H
#define CALL_TEST_TESTS_H

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"

#define OUT_OF_RANGE 0x100000	/* no slot */
#define NO_PAGES_LEFT 100000000 /* more than any machine here has */

/* A fresh slot with an object of our account. */
purlin_u64 new_signal(void);
purlin_u64 new_endpoint(void);
purlin_u64 new_memory(purlin_u64 pages);
purlin_u64 new_pd(purlin_u64 flags);
/* A copy with fewer rights. */
purlin_u64 weaker(purlin_u64 slot, purlin_u64 rights);

void test_capabilities(void);
void test_accounts(void);
void test_pds(void);
void test_threads(void);
void test_ipc(void);
void test_registers(void);
void test_signals(void);
void test_memory(void);
void test_guests(void);
void test_hardware(void);
void test_log(void);

#endif
