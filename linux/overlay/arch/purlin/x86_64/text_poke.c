// SPDX-License-Identifier: GPL-2.0
/* How x86's code that is used in place writes text: probes of the kernel, the compiler of BPF. */
#include <linux/memory.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <asm/cpuid.h>
#include <asm/nops.h>
#include <asm/protect.h>
#include <asm/text-patching.h>

static const u8 nop1[] = { BYTES_NOP1 };
static const u8 nop2[] = { BYTES_NOP2 };
static const u8 nop3[] = { BYTES_NOP3 };
static const u8 nop4[] = { BYTES_NOP4 };
static const u8 nop5[] = { BYTES_NOP5 };
static const u8 nop6[] = { BYTES_NOP6 };
static const u8 nop7[] = { BYTES_NOP7 };
static const u8 nop8[] = { BYTES_NOP8 };
#if ASM_NOP_MAX > 8
static const u8 nop9[] = { BYTES_NOP9 };
static const u8 nop10[] = { BYTES_NOP10 };
static const u8 nop11[] = { BYTES_NOP11 };
#endif

const unsigned char * const x86_nops[ASM_NOP_MAX + 1] = {
	NULL, nop1, nop2, nop3, nop4, nop5, nop6, nop7, nop8,
#if ASM_NOP_MAX > 8
	nop9, nop10, nop11,
#endif
};

static void serialise(void *unused)
{
	u32 words[4];

	cpuid(0, 0, words);
}

/* What was written since all have serialised; the last of it. */
static struct {
	void *address;
	size_t bytes;
} written;

/* None executes what it fetched before. For the second write see text_exchange.c. */
void text_poke_sync(void)
{
	on_each_cpu(serialise, NULL, 1);
	if (!written.address)
		return;
	purlin_text_write(written.address, written.address, written.bytes);
	written.address = NULL;
	on_each_cpu(serialise, NULL, 1);
}

/* Under text_mutex, as everywhere where text that runs is written. */
void *text_poke(void *address, const void *code, size_t bytes)
{
	purlin_text_write(address, code, bytes);
	written.address = address;
	written.bytes = bytes;
	return address;
}

/* Into memory that nobody executes yet; another program may have been there. */
void *text_poke_copy(void *address, const void *code, size_t bytes)
{
	mutex_lock(&text_mutex);
	purlin_text_write(address, code, bytes);
	text_poke_sync();
	mutex_unlock(&text_mutex);
	return address;
}

void *text_poke_set(void *address, int byte, size_t bytes)
{
	u8 part[64];

	memset(part, byte, sizeof(part));
	mutex_lock(&text_mutex);
	for (size_t done = 0; done < bytes; done += sizeof(part))
		purlin_text_write(address + done, part, min(sizeof(part), bytes - done));
	text_poke_sync();
	mutex_unlock(&text_mutex);
	return address;
}

/*
 * Under text_mutex. Whoever meets the breakpoint goes where a new jump leads; a call that comes or
 * goes is passed by, as if there were none yet or none any more.
 */
void text_poke_bp(void *address, const void *code, size_t bytes, const void *emulate)
{
	s32 distance = 0;

	if (*(const u8 *)code == JMP32_INSN_OPCODE)
		memcpy(&distance, code + 1, sizeof(distance));
	purlin_text_exchange_held(address, code, bytes, address + bytes + distance);
}
