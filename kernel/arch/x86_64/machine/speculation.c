// SPDX-License-Identifier: MIT
/* Speculation: what speculation_plan.c decides is carried out here. */
#include "arch/speculation.h"

#include "arch/frame.h"
#include "arch/instructions.h"
#include "debug/log.h"

#define MSR_SPEC_CTRL 0x48
#define MSR_PRED_CMD 0x49
#define PRED_CMD_IBPB 0x1
#define EFER_AUTOMATIC_IBRS (1u << 21)

bool domain_barriers;
static struct speculation_plan plan;

void speculation_detect(void)
{
	uint64_t capabilities =
		speculation_has_capabilities(cpuid) ? msr_read(MSR_ARCH_CAPABILITIES) : 0;
	const char *separator = " ";

	plan = speculation_decide(cpuid, capabilities);
	domain_barriers = plan.predictor_barrier || plan.clear_buffers;
	if (!plan.open)
		return;
	log_print("warning: processor open to");
	for (unsigned int kind = 0; kind < SPECULATION_KINDS; kind++) {
		if (!(plan.open & 1u << kind))
			continue;
		log_print("%s%s", separator, speculation_name(kind));
		separator = ", ";
	}
	log_print(": components may read memory of others\n");
}

void speculation_init_cpu(void)
{
	if (plan.control)
		msr_write(MSR_SPEC_CTRL, plan.control);
	if (plan.automatic_ibrs)
		msr_write(MSR_EFER, msr_read(MSR_EFER) | EFER_AUTOMATIC_IBRS);
}

/*
 * IBPB need not forget where returns lead: 32 calls that never return, each after a place where
 * speculation stops, take the place of what the last domain left.
 */
static void return_predictions_fill(void)
{
	unsigned long rounds = 16;

	__asm__ volatile("1:\tcall 2f\n\tint3\n"
			 "2:\tcall 3f\n\tint3\n"
			 "3:\taddq $16, %%rsp\n\t"
			 "decl %k0\n\t"
			 "jnz 1b\n\t"
			 "lfence"
			 : "+r"(rounds)
			 :
			 : "memory", "cc");
}

void domain_leave(void)
{
	const uint16_t selector = KERNEL_SS;

	if (plan.predictor_barrier) {
		msr_write(MSR_PRED_CMD, PRED_CMD_IBPB);
		return_predictions_fill();
	}
	/* VERW overwrites the buffers besides its work, where the plan says so. */
	if (plan.clear_buffers)
		__asm__ volatile("verw %0" : : "m"(selector) : "cc");
}
