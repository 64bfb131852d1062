/* SPDX-License-Identifier: MIT */
/* The processor's exceptions, for reports. */
#include <stddef.h>

#include "init/arch.h"

#define PAGE_FAULT 14

/* Intel SDM, volume 3, table 6-1. */
const char *arch_exception_name(purlin_u64 vector)
{
	static const char *const names[] = {
		"divide error",
		"debug",
		"NMI",
		"breakpoint",
		"overflow",
		"bound range exceeded",
		"invalid opcode",
		"no FPU",
		"double fault",
		"coprocessor",
		"invalid TSS",
		"segment not present",
		"stack fault",
		"general protection",
		"page fault",
		"reserved",
		"x87 error",
		"alignment check",
		"machine check",
		"SIMD error",
	};

	return vector < sizeof(names) / sizeof(names[0]) ? names[vector] : NULL;
}

bool arch_is_page_fault(purlin_u64 vector)
{
	return vector == PAGE_FAULT;
}
