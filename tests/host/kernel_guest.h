/* SPDX-License-Identifier: MIT */
/* A guest for the tests of guests, and what they do with it. */
#ifndef KERNEL_GUEST_H
#define KERNEL_GUEST_H

#include "kernel_support.h"

#include "object/attachment.h"
#include "object/vcpu.h"

#define GUEST 30
#define MEMORY 31
#define DEVICE 32
#define VCPU 33
#define SPACE 40 /* of the guest's own table */
#define RAM_PAGES 64
#define DEVICE_ADDRESS 0x100000ull
#define TABLE_PAGE 8 /* the guest's own page table */
#define LOWER 0x400000ull
#define UPPER PURLIN_GUEST_KERNEL_BASE
#define ALL (PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE)
#define HELD (PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED)

static struct vcpu *vcpu;
static struct guest *guest;

static inline uint64_t *ram(uint64_t page)
{
	struct attachment *at = guest_find(guest, page * PAGE_SIZE, 1);

	return arch_physical_to_kernel((struct physical){ at->base.value + page * PAGE_SIZE });
}

static inline uint64_t physical(uint64_t page)
{
	return guest_find(guest, 0, 1)->base.value + page * PAGE_SIZE;
}

/* A guest with RAM, a device, a vCPU that is configured, and a space that it is in. */
static inline int setup(void **state)
{
	system_setup(state);
	assert_int_equal(do_call(core, PD_CREATE, PURLIN_SLOT_ACCOUNT, GUEST, 64, PURLIN_PD_GUEST,
				 PURLIN_PROCESSORS_OWN),
			 PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_CREATE, PURLIN_SLOT_ACCOUNT, MEMORY, RAM_PAGES,
				 PURLIN_MEMORY_CONTIGUOUS),
			 PURLIN_OK);
	assert_int_equal(do_call(core, MEMORY_CREATE_PHYSICAL, PURLIN_SLOT_PHYSICAL_ROOT, DEVICE,
				 0x80000000, 4, PURLIN_MAP_UNCACHED),
			 PURLIN_OK);
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, 0, MEMORY, 0, RAM_PAGES, ALL),
			 PURLIN_OK);
	assert_int_equal(do_call(core, GUEST_ATTACH, GUEST, DEVICE_ADDRESS, DEVICE, 0, 4,
				 PURLIN_MAP_READ | PURLIN_MAP_WRITE),
			 PURLIN_OK);
	assert_int_equal(do_call(core, VCPU_CREATE, GUEST, VCPU, 0, TEST_PRIORITY), PURLIN_OK);
	vcpu = thread_vcpu(thread_of(object_at(core, VCPU)));
	guest = vcpu->guest;
	give(GUEST, PURLIN_SLOT_PD, GUEST, PURLIN_RIGHT_ALL, 0);
	give(GUEST, PURLIN_SLOT_THREAD, VCPU, PURLIN_RIGHT_ALL, 0);
	assert_int_equal(do_call(core, VCPU_START, VCPU, UPPER, 1, 2, 3), PURLIN_OK);
	assert_int_equal(vcpu->arch.second_argument, 3);
	assert_int_equal(do_call(&vcpu->thread, VCPU_CONFIGURE, PURLIN_SLOT_THREAD, 0, UPPER, UPPER,
				 0),
			 PURLIN_OK);
	assert_int_equal(do_call(&vcpu->thread, SPACE_CREATE, PURLIN_SLOT_PD, SPACE), PURLIN_OK);
	assert_int_equal(do_call(&vcpu->thread, VCPU_SWITCH, SPACE), PURLIN_OK);
	assert_int_equal(vcpu->arch.spaces, 1);
	return 0;
}

static inline void note(uint64_t word0, uint64_t word1)
{
	vcpu->state->batch[vcpu->state->batch_count++] =
		(struct purlin_batch_entry){ word0, word1 };
}

static bool quickly; /* batches take the short way first, as those of resumes do */

static inline status apply(void)
{
	if (quickly && batch_quick(vcpu))
		return PURLIN_OK;
	return do_call(&vcpu->thread, VCPU_APPLY);
}

/* What is mapped: 0 or an entry. */
static inline uint64_t entry(struct space *space, uint64_t virtual_address)
{
	const uint64_t *found = arch_guest_entry(guest, space, virtual_address, false);

	return found ? *found : 0;
}

static inline uint64_t mapped(uint64_t page, uint32_t rights)
{
	return physical(page) | arch_entry_bits(rights | PURLIN_MAP_WRITE_BACK);
}

static inline void stops_with(uint64_t reason)
{
	assert_int_equal(apply(), WAITS);
	assert_int_equal(vcpu->thread.state, THREAD_STOPPED);
	assert_int_equal(do_call(core, PD_STATUS, GUEST), PURLIN_OK);
	assert_int_equal(result(core, 0), PD_STOPPED);
	assert_int_equal(result(core, 1), reason);
}

#endif
