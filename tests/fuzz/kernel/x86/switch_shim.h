/* SPDX-License-Identifier: MIT */
/* The same for arch/switch.h, which only the guests' code needs. */
#ifndef TESTS_FUZZ_KERNEL_X86_SWITCH_SHIM_H
#define TESTS_FUZZ_KERNEL_X86_SWITCH_SHIM_H

#define user_gs_read machine_user_gs_read
#define user_gs_write machine_user_gs_write
#include "arch/switch.h"
#undef user_gs_read
#undef user_gs_write
uint64_t user_gs_read(void);
void user_gs_write(uint64_t base);

#endif
