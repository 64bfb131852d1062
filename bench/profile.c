// SPDX-License-Identifier: MIT
/*
 * QEMU plugin: which code ran inside ubench's intervals. For each test a line "test N", N from 0 in
 * the order of ubench's own lines, then one line for each translation block: its address, how many
 * instructions ran in it, how often it was entered. bench/profile turns addresses into names.
 * Argument: out=FILE (else stderr).
 */
#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

EXPORT int qemu_plugin_version = 1;

/*
 * Blocks with one address and length share a counter: QEMU translates the same code again for each
 * address space.
 */
struct block {
	struct block *next;
	uint64_t address;
	size_t length;
	uint64_t entered, at_begin, inside;
};

enum { BUCKETS = 1 << 16 };

static struct block *buckets[BUCKETS];
static FILE *output;
static unsigned tests;

static struct block *block_get(uint64_t address, size_t length)
{
	struct block **bucket = &buckets[(address >> 2 ^ address >> 18 ^ length) % BUCKETS];
	struct block *block;

	for (block = *bucket; block; block = block->next)
		if (block->address == address && block->length == length)
			return block;
	block = calloc(1, sizeof(*block));
	if (!block)
		abort();
	block->address = address;
	block->length = length;
	block->next = *bucket;
	*bucket = block;
	return block;
}

static void each_block(void (*act)(struct block *))
{
	for (size_t i = 0; i < BUCKETS; i++)
		for (struct block *block = buckets[i]; block; block = block->next)
			act(block);
}

static void begin(struct block *block)
{
	block->at_begin = block->entered;
}

static void end(struct block *block)
{
	block->inside += block->entered - block->at_begin;
}

static void reset(struct block *block)
{
	block->inside = 0;
	block->at_begin = block->entered;
}

static void print(struct block *block)
{
	if (block->inside)
		fprintf(output, "%llx %llu %llu\n", (unsigned long long)block->address,
			(unsigned long long)block->inside * block->length,
			(unsigned long long)block->inside);
}

static void on_marker(unsigned processor, void *argument)
{
	(void)processor;
	switch ((enum marker)(uintptr_t)argument) {
	case MARKER_BEGIN:
		each_block(begin);
		break;
	case MARKER_END:
		each_block(end);
		break;
	case MARKER_REPORT:
		fprintf(output, "test %u\n", tests++);
		each_block(print);
		fflush(output);
		break;
	case MARKER_RESET:
		each_block(reset);
		break;
	case MARKER_NONE:
		break;
	}
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *translated)
{
	size_t count = qemu_plugin_tb_n_insns(translated);
	struct block *block = block_get(qemu_plugin_tb_vaddr(translated), count);

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(translated, QEMU_PLUGIN_INLINE_ADD_U64,
						 &block->entered, 1);
	for (size_t i = 0; i < count; i++)
		marker_watch(qemu_plugin_tb_get_insn(translated, i), on_marker);
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
