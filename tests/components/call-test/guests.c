/* SPDX-License-Identifier: MIT */
/* Calls on guest PDs from outside, and those only a vCPU may make. What a vCPU itself does:
 * tests/components/guest. */
#include "purlin/vcpu.h"
#include "runtime/memory.h"
#include "tests.h"

#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define RAM_PAGES 16
#define PRIORITY 10
#define LINEAR 0xffff888000000000ull
#define ENTRY 0xffffffff80001000ull
#define USER_ENTRY 0x1000

static purlin_u64 ram(void)
{
	purlin_u64 slot = slot_reserve();

	purlin_memory_create(PURLIN_SLOT_ACCOUNT, slot, RAM_PAGES, PURLIN_MEMORY_CONTIGUOUS);
	return slot;
}

static void only_for_guests(void)
{
	purlin_u64 native = new_pd(0), slot = slot_reserve(), guest = slot_reserve();

	check_status("vcpu_apply: from a thread", purlin_vcpu_apply(), PURLIN_BAD_CALL);
	check_status("vcpu_switch: from a thread", purlin_vcpu_switch(0), PURLIN_BAD_CALL);
	check_status("vcpu_debug: from a thread", purlin_vcpu_debug(0, 0, 0, 0, 0),
		     PURLIN_BAD_CALL);
	check_status("vcpu_wait: from a thread", purlin_vcpu_wait(), PURLIN_BAD_CALL);
	check_status("vcpu_deadline: from a thread", purlin_vcpu_deadline(), PURLIN_BAD_CALL);
	purlin_pd_create(PURLIN_SLOT_ACCOUNT, guest, 64, PURLIN_PD_GUEST, 1);
	check_status("vcpu_create: not the PD's processor",
		     purlin_vcpu_create(guest, slot, 1, PRIORITY), PURLIN_NO_RIGHT);
	purlin_object_destroy(guest);
	check_status("vcpu_create: not a guest", purlin_vcpu_create(native, slot, 0, PRIORITY),
		     PURLIN_BUSY);
	check_status("space_create: not a guest", purlin_space_create(native, slot), PURLIN_BUSY);
	check_status("guest_attach: not a guest",
		     purlin_guest_attach(native, 0, ram(), 0, 1, READ_WRITE), PURLIN_BUSY);
	purlin_object_destroy(native);
}

static void attachments(purlin_u64 pd, purlin_u64 memory)
{
	check_status("guest_attach: not memory",
		     purlin_guest_attach(pd, 0, pd, 0, RAM_PAGES, READ_WRITE),
		     PURLIN_BAD_CAPABILITY);
	check_status("guest_attach: misaligned",
		     purlin_guest_attach(pd, 8, memory, 0, RAM_PAGES, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_attach: beyond the object",
		     purlin_guest_attach(pd, 0, memory, 1, RAM_PAGES, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_attach: RAM uncached",
		     purlin_guest_attach(pd, 0, memory, 0, RAM_PAGES,
					 READ_WRITE | PURLIN_MAP_UNCACHED),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_attach: RAM write-combining",
		     purlin_guest_attach(pd, 0, memory, 0, RAM_PAGES,
					 READ_WRITE | PURLIN_MAP_WRITE_COMBINING),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_attach: no pages", purlin_guest_attach(pd, 0, memory, 0, 0, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_attach", purlin_guest_attach(pd, 0, memory, 0, RAM_PAGES, READ_WRITE),
		     PURLIN_OK);
	check_status("guest_attach: overlap",
		     purlin_guest_attach(pd, PURLIN_PAGE_SIZE, memory, 0, 1, READ_WRITE),
		     PURLIN_OVERLAP);
	check_status("guest_detach: not a start", purlin_guest_detach(pd, PURLIN_PAGE_SIZE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_detach", purlin_guest_detach(pd, 0), PURLIN_OK);
	check_status("guest_attach: again",
		     purlin_guest_attach(pd, 0, memory, 0, RAM_PAGES, READ_WRITE), PURLIN_OK);
}

static void mappings(purlin_u64 pd)
{
	check_status("guest_map: lower half", purlin_guest_map(pd, USER_ENTRY, 0, 1, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_map: not attached",
		     purlin_guest_map(pd, LINEAR, 0, RAM_PAGES + 1, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_map: misaligned", purlin_guest_map(pd, LINEAR + 8, 0, 1, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_map: more rights than attached",
		     purlin_guest_map(pd, LINEAR, 0, 1, READ_WRITE | PURLIN_MAP_EXECUTE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_map: the kernel's own part",
		     purlin_guest_map(pd, 0xffff800000000000ull, 0, 1, READ_WRITE),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_map", purlin_guest_map(pd, LINEAR, 0, RAM_PAGES, READ_WRITE),
		     PURLIN_OK);
	check_status("guest_unmap: lower half", purlin_guest_unmap(pd, USER_ENTRY, 1),
		     PURLIN_BAD_ARGUMENT);
	check_status("guest_unmap", purlin_guest_unmap(pd, LINEAR, 1), PURLIN_OK);
}

static void vcpus(purlin_u64 pd)
{
	purlin_u64 vcpu = slot_reserve(), signal = new_signal(), bits, space = slot_reserve(),
		   weak = slot_reserve();
	purlin_u64 other = new_signal(), state, events, address;

	check_status("vcpu_create: no such processor", purlin_vcpu_create(pd, vcpu, 1000, PRIORITY),
		     PURLIN_BAD_ARGUMENT);
	check_status("vcpu_create: slot in use", purlin_vcpu_create(pd, signal, 0, PRIORITY),
		     PURLIN_SLOT_IN_USE);
	check_status("vcpu_create", purlin_vcpu_create(pd, vcpu, 0, PRIORITY), PURLIN_OK);
	check_status("vcpu_configure: misaligned state",
		     purlin_vcpu_configure(vcpu, 8, ENTRY, ENTRY, 0), PURLIN_BAD_ARGUMENT);
	check_status("vcpu_configure: state not attached",
		     purlin_vcpu_configure(vcpu, (RAM_PAGES - 1) * PURLIN_PAGE_SIZE, ENTRY, ENTRY,
					   0),
		     PURLIN_BAD_ARGUMENT);
	check_status("vcpu_configure: entry in the lower half",
		     purlin_vcpu_configure(vcpu, 0, USER_ENTRY, ENTRY, 0), PURLIN_BAD_ARGUMENT);
	check_status("vcpu_configure: kernel_gs in the lower half",
		     purlin_vcpu_configure(vcpu, 0, ENTRY, ENTRY, 0x1000), PURLIN_BAD_ARGUMENT);
	check_status("vcpu_configure", purlin_vcpu_configure(vcpu, 0, ENTRY, ENTRY, 0), PURLIN_OK);
	check_status("guest_detach: holds a state page", purlin_guest_detach(pd, 0), PURLIN_BUSY);
	check_status("vcpu_start: lower half", purlin_vcpu_start(vcpu, USER_ENTRY, 0, 0, 0),
		     PURLIN_BAD_ARGUMENT);
	check_status("signal_bind_vcpu: no vCPU", purlin_signal_bind_vcpu(signal, pd, 0),
		     PURLIN_BAD_CAPABILITY);
	check_status("signal_bind_vcpu: no such word", purlin_signal_bind_vcpu(signal, vcpu, 4),
		     PURLIN_BAD_ARGUMENT);
	check_status("signal_bind_vcpu", purlin_signal_bind_vcpu(signal, vcpu, 1), PURLIN_OK);
	check_status("signal_bind_vcpu: twice", purlin_signal_bind_vcpu(signal, vcpu, 2),
		     PURLIN_BUSY);
	check_status("signal_wait: bound to a vCPU", purlin_signal_wait(signal, &bits),
		     PURLIN_BUSY);
	check_status("signal_poll: bound to a vCPU", purlin_signal_poll(signal, &bits),
		     PURLIN_BUSY);
	purlin_signal_notify(signal, 1);
	check_status("vcpu_status: not a vCPU", purlin_vcpu_status(pd, &state, &events, &address),
		     PURLIN_BAD_CAPABILITY);
	check_status("vcpu_status", purlin_vcpu_status(vcpu, &state, &events, &address), PURLIN_OK);
	check_true("vcpu_status: not started, nothing in the first word",
		   state == PURLIN_VCPU_IS_NEW && !events);
	check_status("vcpu_alert", purlin_vcpu_alert(vcpu), PURLIN_OK);
	purlin_cap_copy(PURLIN_SLOT_PD, weak, vcpu, PURLIN_RIGHT_CONTROL, 0);
	check_status("vcpu_alert: without the right", purlin_vcpu_alert(weak), PURLIN_NO_RIGHT);
	check_status("vcpu_yield_to: not of the caller's guest", purlin_vcpu_yield_to(vcpu),
		     PURLIN_BAD_CAPABILITY);
	slot_delete(weak);
	check_status("thread_schedule: vCPU", purlin_thread_schedule(vcpu, PRIORITY, 1000),
		     PURLIN_OK);
	check_status("space_create: slot in use", purlin_space_create(pd, other),
		     PURLIN_SLOT_IN_USE);
	check_status("space_create", purlin_space_create(pd, space), PURLIN_OK);
}

/* Whoever configures a vCPU from outside learns that this stopped the guest. */
static void bad_batch(void)
{
	purlin_u64 pd = new_pd(PURLIN_PD_GUEST), vcpu = slot_reserve(), memory = ram();
	purlin_u64 state = 0, reason = 0, address;
	struct purlin_vcpu_state *page;

	purlin_guest_attach(pd, 0, memory, 0, RAM_PAGES, READ_WRITE);
	purlin_vcpu_create(pd, vcpu, 0, PRIORITY);
	purlin_vcpu_configure(vcpu, 0, ENTRY, ENTRY, 0);
	if (memory_map(memory, 0, RAM_PAGES, READ_WRITE, (void **)&page))
		return;
	page->batch[0].word0 = 0xf;
	page->batch_count = 1;
	check_status("vcpu_configure: bad batch of one not started",
		     purlin_vcpu_configure(vcpu, 0, ENTRY, ENTRY, 0), PURLIN_BAD_ARGUMENT);
	purlin_pd_status(pd, &state, &reason, &address);
	check_true("vcpu_configure: the bad batch stopped the guest",
		   state == 3 && reason == PURLIN_STOP_BAD_BATCH);
	memory_unmap(page);
	purlin_object_destroy(pd);
	purlin_object_destroy(memory);
}

void test_guests(void)
{
	purlin_u64 pd = new_pd(PURLIN_PD_GUEST), memory = ram();

	only_for_guests();
	attachments(pd, memory);
	mappings(pd);
	vcpus(pd);
	bad_batch();
	check_status("object_destroy: guest PD", purlin_object_destroy(pd), PURLIN_OK);
	check_status("guest_attach: destroyed",
		     purlin_guest_attach(pd, 0, memory, 0, 1, READ_WRITE), PURLIN_DEAD);
}
