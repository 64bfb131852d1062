/* SPDX-License-Identifier: MIT */
/* No debug register of a guest holds an address at which the kernel could touch something. */
#include <string.h>

#include "arch/cpu.h"

static struct cpu this_cpu;
#define cpu_this() (&this_cpu)
#define __builtin_memcpy memcpy /* which CBMC knows */

#include "kernel/arch/x86_64/guest/watches.c"

#include "proof.h"

int main(void)
{
	const struct vcpu_debug_arguments arguments = { any(), any(), any(), any(), any() };
	const uint64_t asked[WATCHES] = { arguments.address0, arguments.address1,
					  arguments.address2, arguments.address3 };
	static struct vcpu vcpu;
	unsigned int index = (unsigned int)any() % WATCHES;
	uint64_t offset = any(), address, control;
	bool enabled;

	if (arch_vcpu_debug(&vcpu, &arguments) != PURLIN_OK)
		return 0;
	address = vcpu.arch.watch_address[index];
	control = vcpu.arch.watch_control;
	enabled = control >> 2 * index & 3;
	assume(offset < watch_bytes(control, index));
	prove(address + offset < PURLIN_GUEST_USER_END, "every byte is in the lower half");
	prove(!enabled || address == asked[index], "an enabled one is where the guest wants it");
	prove(enabled || !address, "one that is not enabled is nowhere");
	prove(!(control & 1 << 13), "the registers are not guarded: the kernel can write them");
	prove((control >> (16 + 4 * index) & 3) != WATCH_IO || !enabled, "none is about ports");
	return 0;
}
