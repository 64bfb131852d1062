// SPDX-License-Identifier: MIT
/* Panic: the way here, by frame pointers and names; registers; the end. */
#include "arch/boot.h"
#include "arch/frame.h"
#include "arch/instructions.h"
#include "arch/layout.h"
#include "arch/machine.h"
#include "debug/console.h"
#include "debug/log.h"

#define DEPTH 24

/* What the compiler's function prologue leaves on the stack. */
struct call_frame {
	const struct call_frame *caller;
	uint64_t return_address;
};

/* By vector; NULL: reserved. */
static const char *const names[32] = {
	"divide error",
	"debug",
	"NMI",
	"breakpoint",
	"overflow",
	"bound range",
	"invalid opcode",
	"no device",
	"double fault",
	NULL,
	"invalid TSS",
	"segment not present",
	"stack fault",
	"general protection",
	"page fault",
	NULL,
	"floating point",
	"alignment check",
	"machine check",
	"SIMD exception",
};

static void print_address(uint64_t address)
{
	uint64_t offset;
	const char *name = symbol_find(address, &offset);

	if (name)
		log_print("  %016lx %s+0x%lx\n", address, name, offset);
	else
		log_print("  %016lx\n", address);
}

/* Stacks lie in the image (while booting) or in the stack area, where a page may be missing. */
static bool on_a_stack(const struct call_frame *frame)
{
	uint64_t at = (uint64_t)frame;
	uint64_t bottom = cpu_this()->stack - STACKS_BYTES;

	if (at & 7)
		return false;
	if (at >= (uint64_t)image_data_start && at < (uint64_t)image_end)
		return true;
	return cpu_this()->stack && at > bottom && at < bottom + STACKS_BYTES;
}

static void print_callers(const struct call_frame *frame)
{
	for (unsigned int i = 0; i < DEPTH && on_a_stack(frame); i++) {
		/* The entries and start.S clear RBP, so the outermost function has no caller. */
		if (frame->return_address == 0)
			break;
		print_address(frame->return_address);
		/* Callers lie higher, but for the change from an isolated stack: stop there. */
		if (frame->caller <= frame)
			break;
		frame = frame->caller;
	}
}

void arch_backtrace(void)
{
	log_print("processor %u\n", cpu_this()->id);
	print_callers(__builtin_frame_address(0));
}

void arch_exception_print(const struct frame *f)
{
	const char *name = f->vector < 32 ? names[f->vector] : NULL;

	log_print("kernel panic: exception %lu (%s), error %lx, processor %u\n", f->vector,
		  name ? name : "reserved", f->error, cpu_this()->id);
	log_print("  rip %016lx  rsp %016lx  rflags %08lx  cs %lx\n", f->rip, f->rsp, f->rflags,
		  f->cs);
	log_print("  rax %016lx  rbx %016lx  rcx %016lx\n", f->rax, f->rbx, f->rcx);
	log_print("  rdx %016lx  rsi %016lx  rdi %016lx\n", f->rdx, f->rsi, f->rdi);
	log_print("  rbp %016lx  r8  %016lx  r9  %016lx\n", f->rbp, f->r8, f->r9);
	log_print("  r10 %016lx  r11 %016lx  r12 %016lx\n", f->r10, f->r11, f->r12);
	log_print("  r13 %016lx  r14 %016lx  r15 %016lx\n", f->r13, f->r14, f->r15);
	log_print("  cr2 %016lx  cr3 %016lx  gs base %016lx\n", cr2_read(), cr3_read(),
		  (uint64_t)cpu_this());
	print_address(f->rip);
	print_callers((const struct call_frame *)f->rbp);
}

void arch_panic_stop_others(void)
{
	apic_send_all_but_self(VECTOR_STOP);
}

_Noreturn void arch_halt(void)
{
	for (;;) {
		interrupts_disable();
		cpu_halt();
	}
}
