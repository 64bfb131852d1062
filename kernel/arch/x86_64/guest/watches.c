/* SPDX-License-Identifier: MIT */
/*
 * Debug registers: each vCPU's own, loaded only while it runs (SDM 3B, 17.2). Their addresses lie
 * in the lower half, which the kernel does not touch by these addresses: nothing here makes the
 * kernel itself stop. What MOV SS delays into its first instruction is dropped (isolated.S).
 */
#include "arch/vcpu.h"

#include "arch/guest.h"
#include "arch/machine.h"
#include "base/call.h"

#define CONTROL_BITS 0xffff03ffull /* L, G, LE, GE, R/W, LEN */
#define CONTROL_ENABLED 0xffull
#define STATUS_CLEAN 0xffff0ff0ull
#define STATUS_REPORTED 0x400full /* B0 to B3, BS */

enum watch_kind { WATCH_EXECUTE, WATCH_WRITE, WATCH_IO, WATCH_ACCESS };

static inline void control_write(uint64_t value)
{
	__asm__ volatile("mov %0, %%dr7" : : "r"(value) : "memory");
}

static inline void status_write(uint64_t value)
{
	__asm__ volatile("mov %0, %%dr6" : : "r"(value));
}

static inline void addresses_write(const uint64_t *address)
{
	__asm__ volatile("mov %0, %%dr0\n\tmov %1, %%dr1\n\tmov %2, %%dr2\n\tmov %3, %%dr3"
			 :
			 : "r"(address[0]), "r"(address[1]), "r"(address[2]), "r"(address[3]));
}

void watches_load(struct cpu *cpu, const struct arch_vcpu *vcpu)
{
	cpu->watches = true;
	addresses_write(vcpu->watch_address);
	control_write(vcpu->watch_control);
}

/* The status reports matches with addresses that are not enabled, too, so none may stay. */
void watches_unload(struct cpu *cpu)
{
	static const uint64_t none[WATCHES];

	cpu->watches = false;
	control_write(0);
	addresses_write(none);
	status_write(STATUS_CLEAN);
}

/* It is sticky (SDM 3B, 17.2.3): the next #DB must find it clean. */
uint64_t watches_take(void)
{
	uint64_t happened;

	__asm__ volatile("mov %%dr6, %0" : "=r"(happened));
	status_write(STATUS_CLEAN);
	return happened & STATUS_REPORTED;
}

static bool watch_enabled(uint64_t control, unsigned int index)
{
	return control >> (2 * index) & 3;
}

/* LEN's codes are 1, 2, 8 and 4 bytes. */
static uint64_t watch_bytes(uint64_t control, unsigned int index)
{
	static const uint8_t bytes[4] = { 1, 2, 8, 4 };

	return bytes[control >> (18 + 4 * index) & 3];
}

static bool watch_fits(uint64_t address, uint64_t control, unsigned int index)
{
	enum watch_kind kind = control >> (16 + 4 * index) & 3;
	uint64_t bytes = watch_bytes(control, index);

	if (!watch_enabled(control, index))
		return true;
	if (kind == WATCH_IO || (kind == WATCH_EXECUTE && bytes != 1))
		return false;
	return !(address % bytes) && address < PURLIN_GUEST_USER_END;
}

status arch_vcpu_debug(struct vcpu *vcpu, const struct vcpu_debug_arguments *arguments)
{
	uint64_t address[WATCHES] = { arguments->address0, arguments->address1, arguments->address2,
				      arguments->address3 };
	uint64_t control = arguments->control;

	if (control & ~CONTROL_BITS)
		return call_refuse(5, PURLIN_BAD_ARGUMENT);
	for (unsigned int i = 0; i < WATCHES; i++) {
		if (!watch_fits(address[i], control, i))
			return call_refuse(i + 1, PURLIN_BAD_ARGUMENT);
		/*
		 * The status would tell of accesses there, too (SDM 3B, 17.2.3): with an address of
		 * the kernel's a guest would see what the kernel does.
		 */
		if (!watch_enabled(control, i))
			address[i] = 0;
	}
	if (cpu_this()->watches)
		watches_unload(cpu_this());
	vcpu->arch.has_watches = control & CONTROL_ENABLED;
	__builtin_memcpy(vcpu->arch.watch_address, address, sizeof(address));
	vcpu->arch.watch_control = control;
	if (vcpu->arch.has_watches)
		watches_load(cpu_this(), &vcpu->arch);
	return PURLIN_OK;
}
