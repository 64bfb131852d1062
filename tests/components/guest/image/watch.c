/* SPDX-License-Identifier: MIT */
/* Checks of vcpu_debug: which places it takes, and what stops at them in both modes. */
#include "image.h"
#include "../report.h"

#define RF 0x10000
#define TF 0x100
#define WRITE 1ull
#define PORT 2ull
#define ACCESS 3ull
#define LENGTH_2 1ull
#define LENGTH_8 2ull
#define LENGTH_4 3ull
#define ENABLE(index) (1ull << 2 * (index))
#define FIELD(index, kind, length) (((length) << 2 | (kind)) << (16 + 4 * (index)))

extern const char user_store[], user_step[], user_add[];
extern int purlin_test_vector;

#define SYSTEM_CALL (~0ull)
#define HOLE 0x600000ull
#define FRAMES 0x200000ull /* guest-physical pages for the process */

static void refuse(const char *name, purlin_u64 address, purlin_u64 control)
{
	check(name, (purlin_u64)purlin_vcpu_debug(0, 0, 0, address, control),
	      (purlin_u64)PURLIN_BAD_ARGUMENT);
}

static void check_refused(purlin_u64 data)
{
	refuse("debug: upper half", GUEST_LINEAR_BASE, ENABLE(3) | FIELD(3, WRITE, LENGTH_8));
	refuse("debug: end of the lower half", PURLIN_GUEST_USER_END, ENABLE(3));
	refuse("debug: not canonical", 0x800000000000, ENABLE(3));
	refuse("debug: the kernel's", 0xffff800000000000, ENABLE(3));
	refuse("debug: not aligned", data + 4, ENABLE(3) | FIELD(3, WRITE, LENGTH_8));
	refuse("debug: long instruction", data, ENABLE(3) | FIELD(3, 0ull, LENGTH_2));
	refuse("debug: port", 0x60, ENABLE(3) | FIELD(3, PORT, 0ull));
	refuse("debug: port, globally", 0x60, ENABLE(3) << 1 | FIELD(3, PORT, 0ull));
	refuse("debug: general detect", 0, 1 << 13);
	refuse("debug: bits that there are not", 0, 1ull << 32);
}

static void store(purlin_u64 address)
{
	user_registers[RDI] = address;
	user_registers[RSI] = 7;
	state.frame.cr2 = 0x77;
	run(RESUME_USER, program(user_store), IF);
}

/* The vector of the last upcall from the process. */
static purlin_u64 vector(void)
{
	return purlin_test_vector < 0 ? SYSTEM_CALL : state.frame.vector;
}

static void check_user_mode(purlin_u64 data)
{
	purlin_u64 control = ENABLE(0) | FIELD(0, WRITE, LENGTH_8) | ENABLE(2);

	/* The last one is not enabled: nobody is told what happens there. */
	check("debug",
	      (purlin_u64)purlin_vcpu_debug(data, 0, program(user_step), program(user_step),
					    control),
	      0);
	store(data);
	check("watchpoint: #DB", vector(), 1);
	check("  which", state.frame.cr2, 1);
	check("  rip: behind the store", state.frame.rip, program(user_store) + 3);
	store(data + 8);
	check("  not beside it", vector(), SYSTEM_CALL);
	run(RESUME_USER, program(user_step), IF);
	check("breakpoint: #DB", vector(), 1);
	check("  which", state.frame.cr2, 4);
	check("  rip: at it", state.frame.rip, program(user_step));
	run(RESUME_USER, program(user_step), IF | RF | TF);
	check("  passed with RF: a step", state.frame.cr2, 0x4000);
}

/*
 * The processor reads, which the watchpoint is for, and may not write: the fault comes first. QEMU
 * 7.2 tells of the watchpoint afterwards, at the first instruction of whatever handles the fault,
 * and then again at the first instruction of what handles that.
 */
static void check_fault_at_watch(void)
{
	check("debug: a page to read",
	      (purlin_u64)purlin_vcpu_debug(HOLE, 0, 0, 0, ENABLE(0) | FIELD(0, ACCESS, LENGTH_8)),
	      0);
	for (unsigned int i = 0; i < 3; i++) {
		map(HOLE, FRAMES + 0x2000, PURLIN_MAP_READ);
		user_registers[RDI] = HOLE;
		user_registers[RSI] = 1;
		run(RESUME_USER, program(user_add), IF);
		check("  it ends with an upcall", vector() == 14 || vector() == 1, 1);
	}
	note(HOLE | PURLIN_BATCH_UNMAP, 1);
}

static void check_kernel_mode(purlin_u64 data)
{
	volatile purlin_u64 *word = (volatile purlin_u64 *)data;
	purlin_u64 control = ENABLE(1) | FIELD(1, ACCESS, LENGTH_4);

	check("debug: another", (purlin_u64)purlin_vcpu_debug(0, data, 0, 0, control), 0);
	last.count = 0;
	*word = *word + 1;
	check("watchpoint: guest kernel mode stops, too", last.count, 2);
	check("  vector", last.vector, 1);
	check("  which", last.cr2, 2);
	/* Aligned: QEMU 7.2 takes an unaligned store for one to the page's beginning, too. */
	store(data + 8);
	check("  not beside it", vector(), SYSTEM_CALL);
}

void check_watches(purlin_u64 data, purlin_u64 last_one)
{
	check_refused(data);
	check_user_mode(data);
	check_kernel_mode(data);
	check_fault_at_watch();
	check("debug: none", (purlin_u64)purlin_vcpu_debug(data, data, data, data, 0), 0);
	last.count = 0;
	store(data);
	check("  nothing stops", vector(), SYSTEM_CALL);
	*(volatile purlin_u64 *)data = 1;
	check("  in neither mode", last.count, 0);
	check("debug: somebody else's address",
	      (purlin_u64)purlin_vcpu_debug(last_one, 0, 0, 0,
					    ENABLE(0) | FIELD(0, ACCESS, LENGTH_8)),
	      0);
}
