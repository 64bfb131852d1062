/* SPDX-License-Identifier: MIT */
/* runtime/arch/processor.h on the host: time is what the target says. */
#ifndef RUNTIME_ARCH_PROCESSOR_H
#define RUNTIME_ARCH_PROCESSOR_H

#include "purlin/types.h"

extern purlin_u64 fake_tsc;

static inline purlin_u64 tsc_now(void)
{
	return fake_tsc;
}

#endif
