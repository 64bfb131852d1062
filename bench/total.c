// SPDX-License-Identifier: MIT
/*
 * Plugin for QEMU that counts all instructions of the machine, of whatever kernel and component, in
 * the intervals between two no-ops of mark.h. A line for each interval: "interval COUNT".
 */
#include "plugin.h"

EXPORT int qemu_plugin_version = 1;

static uint64_t executed, begun;
static FILE *output;

static void mark(unsigned vcpu, void *marker)
{
	(void)vcpu;
	if ((enum marker)(uintptr_t)marker == MARKER_BEGIN)
		begun = executed;
	else if ((enum marker)(uintptr_t)marker == MARKER_END)
		fprintf(output, "interval %lu\n", (unsigned long)(executed - begun));
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *block)
{
	size_t count = qemu_plugin_tb_n_insns(block);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(block, QEMU_PLUGIN_INLINE_ADD_U64, &executed,
						 count);
	for (size_t i = 0; i < count; i++)
		marker_watch(qemu_plugin_tb_get_insn(block, i), mark);
}

static void end(qemu_plugin_id_t id, void *unused)
{
	(void)id;
	(void)unused;
	fclose(output);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int count, char **words)
{
	(void)info;
	output = plugin_output(count, words);
	if (!output)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, end, NULL);
	return 0;
}
