/* SPDX-License-Identifier: MIT */
/* How much memory each component has used, its kernel objects and page tables included. */
#include "memory_report.h"

#include <stdio.h>

#include "state.h"
#include "purlin/boot.h"
#include "purlin/calls.h"

#define KIB_PER_PAGE (PURLIN_PAGE_SIZE / 1024)

static void print_use(const char *name, purlin_u64 used, purlin_u64 limit)
{
	printf("memory: %s %lu of %lu KiB\n", name, used * KIB_PER_PAGE, limit * KIB_PER_PAGE);
}

void report_memory(void)
{
	purlin_u64 limit, used, own_limit, own_used;
	unsigned int count = component_count();

	if (purlin_account_info(PURLIN_SLOT_ACCOUNT, &own_limit, &own_used))
		return;
	for (unsigned int i = 0; i < count; i++) {
		/* A component that is ending meanwhile has no account any more. */
		if (purlin_account_info(components[i].account, &limit, &used))
			continue;
		print_use(description.components[i].name, used, limit);
		/* What an account may use counts as used by the one above it. */
		if (description.components[i].added)
			continue;
		own_limit -= limit;
		own_used -= limit;
	}
	for (unsigned int i = 0; i < count; i++) {
		if (!components[i].control.budget ||
		    purlin_account_info(components[i].control.budget, &limit, &used))
			continue;
		own_limit -= limit;
		own_used -= limit;
	}
	print_use("init", own_used, own_limit);
}
