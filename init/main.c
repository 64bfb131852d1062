/* SPDX-License-Identifier: MIT */
/* Composer of the system: reads the description, starts the supervisors, ends the run. */
#include <stdio.h>
#include <string.h>

#include "init.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/cpio.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "session/system.h"

#define DESCRIPTION_MODULE "system.dtb"
/* Kept back for init itself: stacks of supervisors, page tables of windows on guest memory. */
#define RESERVE_BYTES (6 * MIB)
#define SUPERVISOR_PRIORITY 48

struct description description;
struct component components[DESCRIPTION_COMPONENTS];
struct lock state_lock;
const struct purlin_boot_info *boot_info;

static const void *bundle;
static purlin_u64 end_signal;

bool boot_module(const char *name, const void **data, size_t *bytes)
{
	struct cpio_member member;

	if (!cpio_find(bundle, boot_info->bundle_size, name, &member))
		return false;
	*data = member.data;
	*bytes = member.bytes;
	return true;
}

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

static purlin_s64 attach_boot_data(void)
{
	purlin_u64 pages = 0, address, bytes;
	const void *info;
	void *start;
	purlin_s64 status = purlin_memory_info(PURLIN_SLOT_BUNDLE, &pages, &address);

	if (!status)
		status = memory_attach(PURLIN_SLOT_BUNDLE, 0, pages, PURLIN_MAP_READ, &start);
	if (!status)
		status = rom_attach("boot_info", &info, &bytes);
	if (status)
		return status;
	bundle = start;
	boot_info = info;
	return PURLIN_OK;
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

static void start_supervisors(void)
{
	purlin_u64 thread;
	purlin_s64 status;

	for (unsigned int i = 0; i < description.component_count; i++) {
		struct component *component = &components[i];

		component->description = &description.components[i];
		component->endpoint = created(endpoint_new);
		component->watch = created(signal_new);
		component->changed = created(signal_new);
	}
	for (unsigned int i = 0; i < description.component_count; i++) {
		status = thread_spawn(supervise, &components[i], 0, SUPERVISOR_PRIORITY, &thread);
		if (status)
			component_panic("cannot supervise %s: %s", description.components[i].name,
					status_text(status));
	}
}

void request_end(enum end_action action, const char *component)
{
	printf("%s asks for the machine's %s\n", component,
	       action == END_RESET ? "reset" : "power-off");
	purlin_signal_notify(end_signal, 1ull << action);
}

/* By the platform component if there is one, else by core. Returns when neither can. */
static void end_run(enum end_action action)
{
	purlin_u64 session;
	purlin_s64 status;

	route_flush_all();
	if (description.power >= 0) {
		status = route_open_own(description.power, "Power", &session);
		if (!status)
			status = rpc(session, action == END_RESET ? POWER_RESET : POWER_OFF, 0);
		printf("the platform component cannot do it: %s\n", status_text(status));
		route_flush_all();
	}
	component_exit(action == END_RESET ? PARENT_EXIT_RESTART : PARENT_EXIT_POWER_OFF, 0);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 bits = 0;
	purlin_s64 status = attach_boot_data();

	(void)argument;
	if (status)
		component_panic("boot data: %s", status_text(status));
	if (!read_description())
		component_panic("the system description is wrong: nothing is started");
	status = lock_init(&state_lock);
	if (status)
		component_panic("lock: %s", status_text(status));
	end_signal = created(signal_new);
	wall_clock_read();
	start_supervisors();
	while (!bits && !purlin_signal_wait(end_signal, &bits))
		;
	end_run(bits & 1ull << END_RESET ? END_RESET : END_POWER_OFF);
	return 1;
}
