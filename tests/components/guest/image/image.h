/* SPDX-License-Identifier: MIT */
/* What the checks of the guest image share: its state page, its process, and lines of the report.
 */
#ifndef GUEST_IMAGE_H
#define GUEST_IMAGE_H

/* First: a name in there would be hidden by `state`. */
#include "purlin/calls.h"
#include "purlin/vcpu.h"

/* Order of user_registers in entry.S. */
enum {
	RAX,
	RBX,
	RDX,
	RSI,
	RDI,
	RBP,
	RSP,
	R8,
	R9,
	R10,
	R12,
	R13,
	R14,
	R15,
	GS,
	RCX,
	R11,
	REGISTERS
};
extern purlin_u64 user_registers[REGISTERS];

#define RESUME_SYSCALL PURLIN_CALL_VCPU_RESUME_SYSCALL
#define RESUME_USER PURLIN_CALL_VCPU_RESUME_USER
#define IF 0x200
#define TF 0x100

extern struct purlin_vcpu_state state;

/* The last upcall from guest kernel mode. */
struct last {
	purlin_u64 count, vector, error, cr2, from_user, rflags, enabled;
};
extern struct last last;

/* A line of the report: equal is passed. */
void check(const char *name, purlin_u64 got, purlin_u64 want);
/* Go to the process with user_registers, and come back with its next upcall. */
void run(purlin_u64 call, purlin_u64 rip, purlin_u64 rflags);
/* Where the process has code of entry.S. */
purlin_u64 program(const char *start);
purlin_u64 now(void);
/* What is pending in that word; it is pending no more. */
purlin_u64 take_events(unsigned int word);
/* Into the batch. */
void note(purlin_u64 word0, purlin_u64 word1);
void map(purlin_u64 virtual_address, purlin_u64 guest_address, purlin_u64 rights);
/* An entry that changes nothing; one that may go the short way if its table is the last. */
void note_nothing(void);
void note_table_nothing(void);
void upcall_syscall(void);
/* Programs of the process (entry.S). */
extern const char user_syscalls[], user_store[], user_ud2[], user_hlt[], user_step[], user_spin[];

/* The same state page once more: the kernel looks at what it reads there. */
purlin_s64 configure_again(void);

void check_alerts(void);
void check_registers(void);
/* `data`: where the process has memory to write. At the end `last_one` is watched. */
void check_watches(purlin_u64 data, purlin_u64 last_one);
/* Checks with several vCPUs. */
void several(void);
void races(void);

#endif
