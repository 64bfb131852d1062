/* SPDX-License-Identifier: MIT */
/* Makes each kernel call in the ways that succeed and in those that must be refused. */
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "tests.h"

static purlin_u64 created(purlin_s64 status, purlin_u64 slot)
{
	if (status)
		component_panic("cannot create what a test needs: %ld", status);
	return slot;
}

purlin_u64 new_signal(void)
{
	purlin_u64 slot = slot_reserve();

	return created(purlin_signal_create(PURLIN_SLOT_ACCOUNT, slot), slot);
}

purlin_u64 new_endpoint(void)
{
	purlin_u64 slot = slot_reserve();

	return created(purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, slot), slot);
}

purlin_u64 new_memory(purlin_u64 pages)
{
	purlin_u64 slot = slot_reserve();

	return created(purlin_memory_create(PURLIN_SLOT_ACCOUNT, slot, pages, 0), slot);
}

purlin_u64 new_pd(purlin_u64 flags)
{
	purlin_u64 slot = slot_reserve();

	message_put_text(0, PURLIN_NAME_BYTES, "child");
	return created(purlin_pd_create(PURLIN_SLOT_ACCOUNT, slot, 64, flags,
					PURLIN_PROCESSORS_OWN),
		       slot);
}

purlin_u64 weaker(purlin_u64 slot, purlin_u64 rights)
{
	purlin_u64 copy = 0;
	purlin_s64 status = slot_copy(slot, rights, 0, &copy);

	return created(status, copy);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	test_capabilities();
	test_accounts();
	test_pds();
	test_threads();
	test_ipc();
	test_registers();
	test_signals();
	test_memory();
	test_guests();
	test_hardware();
	test_log();
	return check_sum();
}
