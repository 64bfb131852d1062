/* SPDX-License-Identifier: MIT */
/* Starting init from the bundle, and saying why it ended. */
#include "start_init.h"

#include <stdio.h>

#include "boot_data.h"
#include "lib/formats/cpio.h"
#include "purlin/calls.h"
#include "runtime/elf_load.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "runtime/thread.h"

/* Kept back: core's own sessions, copies of ROM modules, interrupt and port objects. */
#define RESERVE_PAGES 2048
#define RESERVE_SHARE 16 /* at most this part of all memory */
#define INIT_PRIORITY 48

static purlin_u64 init_pd;

/* All memory but the reserve. */
static purlin_s64 create_account(purlin_u64 *account)
{
	purlin_u64 limit = 0, used = 0, reserve;

	*account = slot_reserve();
	purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &used);
	reserve = (limit - used) / RESERVE_SHARE;
	if (reserve > RESERVE_PAGES)
		reserve = RESERVE_PAGES;
	return purlin_account_create(PURLIN_SLOT_ACCOUNT, *account, limit - used - reserve);
}

static purlin_s64 give(purlin_u64 pd_slot, purlin_u64 from, purlin_u64 rights, purlin_u64 badge)
{
	return purlin_cap_copy(init_pd, pd_slot, from, rights, badge);
}

/* No slot has DESTROY: a component must not be able to end what it lives on. */
static purlin_s64 fill_slots(purlin_u64 account, purlin_u64 thread, purlin_u64 endpoint)
{
	const purlin_u64 all = PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY;
	purlin_s64 status = give(PURLIN_SLOT_PD, init_pd, all, 0);

	if (!status)
		status = give(PURLIN_SLOT_ACCOUNT, account, all, 0);
	if (!status)
		status = give(PURLIN_SLOT_THREAD, thread, all, 0);
	if (!status)
		status =
			give(PURLIN_SLOT_PARENT, endpoint, PURLIN_RIGHT_WRITE, SERVER_PARENT_BADGE);
	if (!status)
		status = give(PURLIN_SLOT_LOG, PURLIN_SLOT_LOG, all, 0);
	if (!status)
		status = give(PURLIN_SLOT_BUNDLE, PURLIN_SLOT_BUNDLE, PURLIN_RIGHT_READ, 0);
	return status;
}

purlin_s64 start_init(purlin_u64 endpoint, purlin_u64 watch)
{
	struct cpio_member program;
	purlin_u64 account, memory, entry, thread = slot_reserve();
	purlin_s64 status;

	if (!cpio_find(bundle, boot_info->bundle_size, "init", &program)) {
		printf("the boot bundle has no member \"init\"\n");
		return PURLIN_NO_DEVICE;
	}
	status = create_account(&account);
	if (status)
		return status;
	init_pd = slot_reserve();
	message_put_text(0, PURLIN_NAME_BYTES, "init");
	status = purlin_pd_create(account, init_pd, COMPONENT_SLOTS, PURLIN_PD_PINS,
				  PURLIN_PROCESSORS_OWN);
	if (!status)
		status = elf_load(program.data, program.bytes, account, init_pd, &memory, &entry);
	if (!status)
		status = purlin_thread_create(init_pd, thread, 0, INIT_PRIORITY,
					      PURLIN_FIRST_MESSAGE);
	if (!status)
		status = fill_slots(account, thread, endpoint);
	/* The watch is set before init starts: its first instruction may fault. */
	if (!status)
		status = purlin_pd_watch(init_pd, watch, 1);
	if (!status)
		status = purlin_thread_start(thread, entry, 0, 0);
	return status;
}

/* Nothing can replace init. But what it started keeps running, so the machine is left alone. */
void report_init(void)
{
	purlin_u64 state = 0, reason = 0, address = 0;

	if (purlin_pd_status(init_pd, &state, &reason, &address) || !state)
		return;
	if (state == 1)
		printf("init ended with value %lu: the system goes on without it\n", reason);
	else
		printf("init stopped by exception %lu at 0x%lx: the system goes on without it\n",
		       reason, address);
}
