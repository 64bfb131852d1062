/* SPDX-License-Identifier: MIT */
/*
 * A small system for fuzz targets of the kernel: accounts, PDs and threads on two processors that
 * make calls as the input says. The front of the input decides what is done; its end decides what
 * happens meanwhile: interrupts that wait, and memory that changes while the kernel reads it.
 */
#ifndef TESTS_FUZZ_KERNEL_SYSTEM_H
#define TESTS_FUZZ_KERNEL_SYSTEM_H

#include "input.h"

#include "core/call.h"
#include "base/types.h"
#include "host.h"

#define WAITS 0x7777 /* a call's result: the caller waits */
#define PRIORITY 32

extern struct input input;
/* A byte from the end of the input; 0 when there is none left. */
uint8_t meanwhile_byte(void);

extern struct account root_account;
extern struct thread *core; /* a thread of a PD that holds everything, on processor 0 */

/* Root objects, core's PD and thread; the root account has so many pages. */
void system_create(uint64_t pages, unsigned int cpu_number);
/* Destroy all; nothing may be left. */
void system_destroy(void);
void system_check(void);

/* A capability of an object in a slot of a thread's PD. */
void grant(struct thread *thread, uint64_t slot, struct object *object, uint32_t rights,
	   uint64_t badge);
struct object *object_at(const struct thread *thread, uint64_t slot);

/*
 * For one entry into the kernel: after how many looks an interrupt waits, and which read of
 * memory that user level may write finds it changed. End it before the next.
 */
void meanwhile_begin(void);
/*
 * From here on an interrupt waits at each look, until somebody clears this: a call that gets
 * nothing done between two looks never ends.
 */
extern bool meanwhile_storm;
extern bool meanwhile_quiet; /* nothing happens: the system is being made */
void meanwhile_end(void);
extern bool meanwhile_changed; /* a read of this entry found memory changed */
/* That memory may be written by user level at any time. */
void user_memory(const void *start, size_t bytes);

/* What a call must not be allowed to: the capabilities named lack a right. */
bool call_must_fail(const struct thread *caller, uint64_t number, const uint64_t *arguments);

#endif
