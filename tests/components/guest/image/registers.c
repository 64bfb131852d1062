/* SPDX-License-Identifier: MIT */
/*
 * The general registers on each way out of the kernel: those of the process, or of the guest's
 * kernel, come back as they were, and the two that SYSRET needs hold what it put there.
 */
#include "registers.h"

#include "../report.h"
#include "image.h"
#include "purlin/boot.h"

#define PENDING 4
#define SPIN_TICKS 3000000

static void fill(void)
{
	for (unsigned int i = 0; i < REGISTERS; i++)
		if (i != RSP && i != GS)
			user_registers[i] = register_pattern(i);
	user_registers[GS] = 0x7000dead0000;
}

/* RSP, and what the process has changed itself, are not looked at. */
static void expect(const char *name, purlin_u64 rcx, purlin_u64 r11, purlin_u64 except)
{
	purlin_u64 wrong = 0;

	for (unsigned int i = 0; i < REGISTERS; i++) {
		purlin_u64 wanted = i == RCX ? rcx : i == R11 ? r11 : register_pattern(i);

		wrong |= (purlin_u64)(user_registers[i] != wanted) << i;
	}
	check(name, wrong & ~(1ull << RSP | 1ull << GS | except), 0);
}

static void all_live(const char *name)
{
	expect(name, register_pattern(RCX), register_pattern(R11), 0);
}

/* To the process, and back by the program's first instruction. */
static void go(purlin_u64 call, const char *code, purlin_u64 flags)
{
	fill();
	run(call, program(code), IF | flags);
}

static void by_sysret(const char *name)
{
	expect(name, program(user_ud2), FLAGS_FIXED, 0);
}

static void check_fast_ways(void)
{
	go(RESUME_USER, user_syscalls, 0);
	expect("registers: system call", (purlin_u64)upcall_syscall, FLAGS_FIXED, 0);
	go(RESUME_USER, user_ud2, 0);
	all_live("registers: resume_user, exception");
	go(RESUME_SYSCALL, user_ud2, 0);
	by_sysret("registers: resume_syscall");
	go(RESUME_USER, user_hlt, 0);
	all_live("registers: exception with error code");
}

/* By way of C: a batch, an event that is pending, a trap, an interrupt. */
static void check_slow_ways(void)
{
	note_nothing();
	go(RESUME_USER, user_ud2, 0);
	all_live("registers: resume_user with a batch");
	note_nothing();
	go(RESUME_SYSCALL, user_ud2, 0);
	by_sysret("registers: resume_syscall with a batch");
	/* The second time the table is known. */
	for (unsigned int i = 0; i < 2; i++) {
		note_table_nothing();
		go(RESUME_USER, user_ud2, 0);
	}
	all_live("registers: resume_user, short batch");
	purlin_signal_notify(PURLIN_SLOT_EVENTS, PENDING);
	go(RESUME_USER, user_ud2, 0);
	all_live("registers: resume_user, event pending");
	take_events(0);
	purlin_signal_notify(PURLIN_SLOT_EVENTS, PENDING);
	go(RESUME_SYSCALL, user_ud2, 0);
	by_sysret("registers: resume_syscall, event");
	take_events(0);
	go(RESUME_USER, user_step, TF);
	all_live("registers: single step");
	state.deadline = now() + SPIN_TICKS;
	purlin_vcpu_deadline();
	go(RESUME_USER, user_spin, 0);
	expect("registers: interrupt", register_pattern(RCX), register_pattern(R11), 1ull << RBX);
	take_events(0);
}

static void check_kernel_mode(void)
{
	registers_fill();
	registers_fault();
	check("registers: resume_kernel", registers_changed(0), 0);
	note_nothing();
	registers_fault();
	check("registers: resume_kernel with a batch", registers_changed(0), 0);
	registers_before[AT_RAX] = NO_SUCH_CALL;
	registers_call();
	check("registers: call",
	      registers_changed(1ull << AT_RAX | 1ull << AT_RCX | 1ull << AT_R11) |
		      sysret_leftover(registers_call_end),
	      0);
}

void check_registers(void)
{
	check_fast_ways();
	check_slow_ways();
	check_kernel_mode();
}
