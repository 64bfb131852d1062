/* SPDX-License-Identifier: MIT */
/* Composer of the system: reads the description, starts the supervisors, waits for the end. */
#include <stdio.h>

#include "ask.h"
#include "boot_data.h"
#include "control.h"
#include "end.h"
#include "supervisor.h"
#include "wall_clock.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "runtime/thread.h"

#define DESCRIPTION_MODULE "system.dtb"
/* Kept back for init itself: stacks of supervisors, page tables of windows on guest memory. */
#define RESERVE_BYTES (6 * MIB)

static bool module_exists(void *context, const char *name)
{
	const void *data;
	size_t bytes;

	(void)context;
	return boot_module(name, &data, &bytes);
}

static void print_error(void *context, const char *node, const char *property, const char *reason)
{
	(void)context;
	printf("%s: %s: %s%s%s\n", DESCRIPTION_MODULE, node, property ? property : "",
	       property ? ": " : "", reason);
}

static bool read_description(void)
{
	struct description_target target = { .module_exists = module_exists, .error = print_error };
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
	return !description_read(&description, tree, bytes, &target);
}

/* A slot with a new object of ours, or a panic: this is the very start. */
static purlin_u64 created(purlin_s64 (*create)(purlin_u64, purlin_u64))
{
	purlin_u64 slot = slot_reserve();
	purlin_s64 status = create(PURLIN_SLOT_ACCOUNT, slot);

	if (status)
		component_panic("cannot set up supervision: %s", status_text(status));
	return slot;
}

static purlin_s64 endpoint_new(purlin_u64 account, purlin_u64 slot)
{
	return purlin_endpoint_create(account, slot);
}

static purlin_s64 signal_new(purlin_u64 account, purlin_u64 slot)
{
	return purlin_signal_create(account, slot);
}

static purlin_s64 timer_new(purlin_u64 account, purlin_u64 slot)
{
	return purlin_timer_create(account, slot);
}

static void start_supervisors(void)
{
	purlin_u64 thread;
	purlin_s64 status;

	for (unsigned int i = 0; i < description.component_count; i++) {
		struct component *component = &components[i];

		component->description = &description.components[i];
		/* Nobody is to wait for it from the start. */
		if (component->description->on_demand || component->description->on_device)
			component->state = COMPONENT_ENDED;
		component->endpoint = created(endpoint_new);
		component->watch = created(signal_new);
		component->timer = created(timer_new);
		if (component->description->watchdog)
			component->beat = created(timer_new);
		if (component->description->provide_count && ask_prepare((int)i))
			component_panic("nobody can ask %s", component->description->name);
		if (component->description->control_count && control_prepare(component))
			component_panic("no control for %s", component->description->name);
	}
	/*
	 * Not before all are complete: a supervisor may ask any other component's server at once.
	 */
	for (unsigned int i = 0; i < description.component_count; i++) {
		status = thread_spawn(supervise, &components[i], 0, SUPERVISOR_PRIORITY, &thread);
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
	status = end_prepare();
	if (status)
		component_panic("signal: %s", status_text(status));
	/* Before the platform component has its chip, which answers one reader at a time. */
	wall_clock_read();
	start_supervisors();
	end_await();
	return 1;
}
