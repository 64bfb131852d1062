/* SPDX-License-Identifier: MIT */
/*
 * The part of QEMU's plugin interface (version 1, docs/devel/tcg-plugins) our plugins use; Debian
 * packages no header. Also the marker no-ops of mark.h.
 */
#ifndef BENCH_PLUGIN_H
#define BENCH_PLUGIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { QEMU_PLUGIN_CB_NO_REGS = 0, QEMU_PLUGIN_INLINE_ADD_U64 = 0, QEMU_PLUGIN_MEM_W = 2 };
typedef uint32_t qemu_plugin_meminfo_t;

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
					   void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *,
				      void (*)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *),
				      int, int, void *);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, void (*)(qemu_plugin_id_t, void *), void *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *),
					    int, void *);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *, int, void *, uint64_t);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int, void *, uint64_t);

/* The file named by the plugin's argument out=FILE, else stderr. */
static inline FILE *plugin_output(int count, char **words)
{
	static const char option[] = "out=";

	for (int i = 0; i < count; i++)
		if (strncmp(words[i], option, sizeof(option) - 1) == 0)
			return fopen(words[i] + sizeof(option) - 1, "w");
	return stderr;
}

enum marker { MARKER_NONE, MARKER_BEGIN, MARKER_END, MARKER_REPORT, MARKER_RESET };

/* nopl 0x554200NN(%rax): 0f 1f 80, then the displacement. */
static inline enum marker marker_number(const uint8_t *code, size_t length)
{
	static const uint8_t nop[] = { 0x0f, 0x1f, 0x80 };
	enum { SIZE = 7, NUMBER = 3 };

	if (length != SIZE)
		return MARKER_NONE;
	for (size_t i = 0; i < sizeof(nop); i++)
		if (code[i] != nop[i])
			return MARKER_NONE;
	if (code[4] != 0 || code[5] != 0x42 || code[6] != 0x55 || code[NUMBER] > MARKER_RESET)
		return MARKER_NONE;
	return (enum marker)code[NUMBER];
}

/* Calls `heard` with the marker whenever the instruction runs, if it is one. */
static inline void marker_watch(struct qemu_plugin_insn *one, void (*heard)(unsigned, void *))
{
	enum marker marker = marker_number(qemu_plugin_insn_data(one), qemu_plugin_insn_size(one));

	if (marker != MARKER_NONE)
		qemu_plugin_register_vcpu_insn_exec_cb(one, heard, QEMU_PLUGIN_CB_NO_REGS,
						       (void *)(uintptr_t)marker);
}

#endif
