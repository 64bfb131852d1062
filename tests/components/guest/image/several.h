/* SPDX-License-Identifier: MIT */
/*
 * What several-entry.S, several.c and races.c share: what each vCPU has at its GS base, and how the
 * first one, which conducts, makes the second one work.
 */
#ifndef GUEST_IMAGE_SEVERAL_H
#define GUEST_IMAGE_SEVERAL_H

#include "purlin/vcpu.h"

#define AREA_RSP 0x2000
#define AREA_RIP 0x2008
#define AREA_VECTOR 0x2010
#define REACH_VALUE 0
#define REACH_COUNT 8
#define REACH_WRITTEN 4713

#ifndef __ASSEMBLER__
#include "../report.h"

struct area {
	struct purlin_vcpu_state state;
	purlin_u64 kernel_rsp;
	purlin_u64 rip, vector; /* of user mode: the frame may change when it is copied */
	purlin_u64 slot;	/* of the vCPU */
	/* Whoever conducts sets the job last; the vCPU does it, and sets it to 0. */
	purlin_u64 job, space, address, result;
	purlin_u64 alerts, stop;
	void (*function)(struct area *area); /* for the job CALL_FUNCTION */
} __attribute__((aligned(4096)));
_Static_assert(__builtin_offsetof(struct area, kernel_rsp) == AREA_RSP, "several-entry.S");
_Static_assert(__builtin_offsetof(struct area, rip) == AREA_RIP, "several-entry.S");
_Static_assert(__builtin_offsetof(struct area, vector) == AREA_VECTOR, "several-entry.S");

/* What a program that reaches for a page tells about it. */
struct reach {
	purlin_u64 value, count;
};
_Static_assert(__builtin_offsetof(struct reach, count) == REACH_COUNT, "several-entry.S");

/* Slots of spaces, and an address that processes have a page at. */
#define SPACE 100
#define OTHER_SPACE 101
#define PAGE 0x500000ull
/* Guest-physical: pages of processes; a table of the guest; memory that is attached for a while. */
#define FRAMES 0x200000ull
#define TABLE 0x210000ull
#define EXTRA 0x40000000ull
#define RW (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define HELD (PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED | PURLIN_ENTRY_NO_EXECUTE)

static inline purlin_u64 *frame_of(purlin_u64 guest_address)
{
	return (purlin_u64 *)(GUEST_LINEAR_BASE + guest_address);
}

static inline purlin_u64 load(const purlin_u64 *from)
{
	return __atomic_load_n(from, __ATOMIC_ACQUIRE);
}

static inline void store(purlin_u64 *to, purlin_u64 value)
{
	__atomic_store_n(to, value, __ATOMIC_RELEASE);
}

/* One load or store, which may fault; the latter gives 0. */
#define NOTHING (~0ull)
purlin_u64 several_load(purlin_u64 address);
purlin_u64 several_store(purlin_u64 address, purlin_u64 value);

/* Two vCPUs and two spaces: the caller goes on as the one that conducts. */
void several_prepare(void);
/* Into the own batch. */
void several_note(purlin_u64 word0, purlin_u64 word1);
/* Code, a page and struct reach for a space. */
void several_process_make(purlin_u64 space);
/* The second vCPU calls the function, with its own area, in SPACE. */
void several_call(void (*function)(struct area *area));
void several_stop(void);
#endif

#endif
