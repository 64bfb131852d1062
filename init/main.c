/* SPDX-License-Identifier: MIT */
/* Composer of the system: reads the description, starts the supervisors, waits for the end. */
#include <stdio.h>

#include "add.h"
#include "admit.h"
#include "boot_data.h"
#include "control.h"
#include "end.h"
#include "ram_target.h"
#include "wall_clock.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/status.h"

#define DESCRIPTION_MODULE "system.dtb"
/* Kept back for init itself: stacks of supervisors, page tables of windows on guest memory. */
#define RESERVE_BYTES (6 * MIB)

static void print_error(void *context, const char *node, const char *property, const char *reason)
{
	(void)context;
	printf("%s: %s: %s%s%s\n", DESCRIPTION_MODULE, node, property ? property : "",
	       property ? ": " : "", reason);
}

static bool read_description(void)
{
	struct description_target target = { .module_exists = boot_module_exists,
					     .error = print_error };
	purlin_u64 limit = 0, used = 0;
	const void *tree;
	size_t bytes;

	if (!boot_module(DESCRIPTION_MODULE, &tree, &bytes)) {
		printf("the boot bundle has no member \"%s\"\n", DESCRIPTION_MODULE);
		return false;
	}
	purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &used);
	target.memory = (limit - used) * PURLIN_PAGE_SIZE;
	/*
	 * What the components ask for is compared with this before any is started: running out
	 * later would look like a fault of whoever came last.
	 */
	target.memory -= target.memory > RESERVE_BYTES ? RESERVE_BYTES : target.memory;
	target.cpus = boot_info->cpu_count;
	if (description_read(&description, tree, bytes, &target))
		return false;
	add_to(tree, &target);
	return true;
}

static void start_supervisors(void)
{
	purlin_s64 status;

	for (unsigned int i = 0; i < description.component_count; i++) {
		components[i].payer = PURLIN_SLOT_ACCOUNT;
		status = component_prepare(i, &description.components[i]);
		if (status)
			component_panic("cannot set up supervision: %s", status_text(status));
		components[i].description = &description.components[i];
		if (component_controls(&description.components[i]) &&
		    control_prepare(&components[i]))
			component_panic("no control for %s", description.components[i].name);
	}
	/*
	 * Not before all are complete: a supervisor may ask any other component's server at once.
	 */
	for (unsigned int i = 0; i < description.component_count; i++) {
		status = component_supervise(i);
		if (status)
			component_panic("cannot supervise %s: %s", description.components[i].name,
					status_text(status));
	}
}

int component_main(purlin_u64 argument)
{
	purlin_s64 status = boot_data_map();

	(void)argument;
	if (status)
		component_panic("boot data: %s", status_text(status));
	if (!read_description())
		component_panic("the system description is wrong: nothing is started");
	status = lock_init(&state_lock);
	if (status)
		component_panic("lock: %s", status_text(status));
	status = ram_target_prepare();
	if (status)
		component_panic("RAM targets: %s", status_text(status));
	status = end_prepare();
	if (status)
		component_panic("signal: %s", status_text(status));
	/* Before the platform component has its chip, which answers one reader at a time. */
	wall_clock_read();
	start_supervisors();
	end_await(admit_all);
	return 1;
}
