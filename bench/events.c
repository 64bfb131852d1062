// SPDX-License-Identifier: MIT
/*
 * QEMU plugin: how often instructions that are dear on hardware, but one instruction like any other
 * in a count, ran inside ubench's intervals. One line a test, in the order of ubench's own lines.
 * Argument: out=FILE (else stderr).
 */
#include <stdio.h>
#include <string.h>

#include "plugin.h"

enum event {
	INSTRUCTIONS,
	CR3_WRITE,
	SYSCALL,
	SYSRET,
	IRET,
	INVALIDATE,
	MSR_WRITE,
	PORT,
	XSAVE,
	HALT,
	EVENTS,
	NONE
};

static const char *const names[EVENTS] = {
	[INSTRUCTIONS] = "instructions",
	[CR3_WRITE] = "cr3",
	[SYSCALL] = "syscall",
	[SYSRET] = "sysret",
	[IRET] = "iret",
	[INVALIDATE] = "invalidate",
	[MSR_WRITE] = "wrmsr",
	[PORT] = "port",
	[XSAVE] = "xsave",
	[HALT] = "halt",
};

EXPORT int qemu_plugin_version = 1;

static uint64_t executed[EVENTS], at_begin[EVENTS], inside[EVENTS];
static FILE *output;

/* Opcodes of the two-byte map (Intel SDM, volume 2, table A-3); `next` is the ModRM byte. */
static enum event second_map(uint8_t opcode, uint8_t next)
{
	unsigned field = next >> 3 & 7;
	bool memory = next >> 6 != 3;

	switch (opcode) {
	case 0x05:
		return SYSCALL;
	case 0x07:
		return SYSRET;
	case 0x30:
		return MSR_WRITE;
	case 0x22:
		return field == 3 ? CR3_WRITE : NONE;
	case 0x01:
		return memory && field == 7 ? INVALIDATE : NONE;
	case 0xae: /* XSAVE, XSAVEOPT */
		return memory && (field == 4 || field == 6) ? XSAVE : NONE;
	case 0xc7: /* XSAVEC, XSAVES */
		return memory && (field == 4 || field == 5) ? XSAVE : NONE;
	case 0x38: /* INVPCID and others with 66 */
		return next == 0x82 ? INVALIDATE : NONE;
	default:
		return NONE;
	}
}

static enum event first_map(uint8_t opcode)
{
	switch (opcode) {
	case 0xcf:
		return IRET;
	case 0xf4:
		return HALT;
	case 0x6c ... 0x6f: /* INS, OUTS */
	case 0xe4 ... 0xe7: /* IN, OUT with an immediate port */
	case 0xec ... 0xef: /* IN, OUT with DX */
		return PORT;
	default:
		return NONE;
	}
}

static bool is_prefix(uint8_t byte)
{
	static const uint8_t legacy[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
					  0x66, 0x67, 0xf0, 0xf2, 0xf3 };

	return memchr(legacy, byte, sizeof(legacy)) != NULL || (byte & 0xf0) == 0x40;
}

static enum event classify(const uint8_t *code, size_t length)
{
	while (length && is_prefix(*code)) {
		code++;
		length--;
	}
	if (length == 0)
		return NONE;
	if (*code != 0x0f)
		return first_map(*code);
	return length < 2 ? NONE : second_map(code[1], length > 2 ? code[2] : 0);
}

static void report(void)
{
	for (int i = 0; i < EVENTS; i++)
		fprintf(output, "%s%s=%llu", i ? " " : "", names[i], (unsigned long long)inside[i]);
	fputc('\n', output);
	fflush(output);
}

static void on_marker(unsigned processor, void *argument)
{
	(void)processor;
	switch ((enum marker)(uintptr_t)argument) {
	case MARKER_BEGIN:
		memcpy(at_begin, executed, sizeof(executed));
		break;
	case MARKER_END:
		for (int i = 0; i < EVENTS; i++)
			inside[i] += executed[i] - at_begin[i];
		break;
	case MARKER_REPORT:
		report();
		break;
	case MARKER_RESET:
		memset(inside, 0, sizeof(inside));
		break;
	case MARKER_NONE:
		break;
	}
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64,
						 &executed[INSTRUCTIONS], count);
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *one = qemu_plugin_tb_get_insn(block, i);
		const uint8_t *code = qemu_plugin_insn_data(one);
		size_t length = qemu_plugin_insn_size(one);
		enum event event = classify(code, length);

		if (event != NONE)
			qemu_plugin_register_vcpu_insn_exec_inline(one, QEMU_PLUGIN_INLINE_ADD_U64,
								   &executed[event], 1);
		marker_watch(one, on_marker);
	}
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int count, char **words)
{
	(void)info;
	output = plugin_output(count, words);
	if (!output)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	return 0;
}
