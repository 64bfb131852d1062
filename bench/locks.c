// SPDX-License-Identifier: MIT
/*
 * QEMU plugin: how long the kernel's lock is held. From the instruction that takes the lock to the
 * one that releases it, instructions of the processor are counted; and how often a processor found
 * the lock held, and how long it waited. For each test of kernel-bench or ubench a line "test N",
 * at the end a line "all"; below it lines
 *
 *   SITE KIND times contended instructions longest waited longest-wait
 *
 * SITE is the address of the instruction that took the lock, KIND the first function of names= that
 * ran with it (0: none of them). Arguments: lock=ADDRESS, names=FILE with lines "ADDRESS NAME",
 * out=FILE, and short=FROM-TO for each function that takes a small lock without the kernel's. Of
 * two small locks that are held at once the first one counts. The name kernel_lock_wait is where
 * waiting begins.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "plugin.h"

EXPORT int qemu_plugin_version = 1;

#define WAIT "kernel_lock_wait"

enum { PROCESSORS = 64, NAMES = 512, GROUPS = 1024, SHORT = 8 };

struct name {
	uint64_t address;
	char text[64];
};

struct group {
	uint64_t site;
	const struct name *kind;
	uint64_t times, contended, instructions, longest, waited, longest_wait;
};

struct groups {
	size_t count;
	struct group group[GROUPS];
};

/* What a processor is doing about the lock. */
struct hold {
	bool held, waiting;
	uint64_t site, count, waited;
	const struct name *kind;
};

/* An instruction that may take or release it, or a small lock. */
struct access {
	uint64_t site;
	bool takes, brief;
};

/* A small lock, from one that took it on. Who finds it held goes another way. */
struct brief {
	bool held;
	uint64_t lock;
	struct hold hold;
};

static struct name names[NAMES];
static size_t name_count;
static struct hold holds[PROCESSORS];
static struct brief briefs[PROCESSORS];
static struct range {
	uint64_t from, to;
} ranges[SHORT];
static size_t range_count;
static struct groups all, test;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool inside;
static uint64_t lock;
static unsigned tests;
static FILE *output;

static const struct name *name_at(uint64_t address)
{
	for (size_t i = 0; i < name_count; i++)
		if (names[i].address == address)
			return &names[i];
	return NULL;
}

static void names_read(const char *path)
{
	FILE *file = fopen(path, "r");
	unsigned long long address;

	while (file && name_count < NAMES &&
	       fscanf(file, "%llx %63s", &address, names[name_count].text) == 2)
		names[name_count++].address = address;
	if (file)
		fclose(file);
}

static struct group *group_of(struct groups *groups, const struct hold *hold)
{
	for (size_t i = 0; i < groups->count; i++)
		if (groups->group[i].site == hold->site && groups->group[i].kind == hold->kind)
			return &groups->group[i];
	if (groups->count == GROUPS)
		abort();
	groups->group[groups->count] = (struct group){ .site = hold->site, .kind = hold->kind };
	return &groups->group[groups->count++];
}

static void add(struct groups *groups, const struct hold *hold)
{
	struct group *group = group_of(groups, hold);

	group->times++;
	group->instructions += hold->count;
	group->waited += hold->waited;
	group->contended += hold->waiting;
	if (hold->count > group->longest)
		group->longest = hold->count;
	if (hold->waited > group->longest_wait)
		group->longest_wait = hold->waited;
}

static void released(const struct hold *hold)
{
	pthread_mutex_lock(&mutex);
	add(&all, hold);
	if (inside)
		add(&test, hold);
	pthread_mutex_unlock(&mutex);
}

/* A function of short= begins. A try that failed before was never released. */
static void on_brief_begin(unsigned processor, void *argument)
{
	(void)argument;
	briefs[processor % PROCESSORS].held = false;
}

static void on_brief(struct brief *brief, uint64_t address, const struct access *access)
{
	if (access->takes && !brief->held) {
		*brief = (struct brief){ .held = true, .lock = address };
		brief->hold.site = access->site;
	} else if (!access->takes && brief->held && brief->lock == address) {
		released(&brief->hold);
		brief->held = false;
	}
}

/* Before each instruction of the kernel. */
static void on_instruction(unsigned processor, void *argument)
{
	struct hold *hold = &holds[processor % PROCESSORS];
	const struct name *name = argument;

	briefs[processor % PROCESSORS].hold.count++;
	if (name && !strcmp(name->text, WAIT)) {
		/* What has just tried to take it has failed. */
		hold->held = false;
		hold->waiting = true;
		hold->waited = 0;
		return;
	}
	if (!hold->held) {
		hold->waited += hold->waiting;
		return;
	}
	hold->count++;
	if (name && !hold->kind)
		hold->kind = name;
}

/* After it. A processor that waits tries again and again: its last try was the one. */
static void on_access(unsigned processor, qemu_plugin_meminfo_t info, uint64_t address,
		      void *argument)
{
	struct hold *hold = &holds[processor % PROCESSORS];
	const struct access *access = argument;

	(void)info;
	if (access->brief)
		on_brief(&briefs[processor % PROCESSORS], address, access);
	if (address != lock)
		return;
	if (!access->takes) {
		if (hold->held)
			released(hold);
		*hold = (struct hold){ .held = false };
		return;
	}
	if (hold->held)
		hold->waited += hold->count;
	if (!hold->waiting)
		hold->site = access->site;
	hold->held = true;
	hold->count = 0;
	hold->kind = NULL;
}

static void print(const char *title, const struct groups *groups)
{
	fprintf(output, "%s\n", title);
	for (size_t i = 0; i < groups->count; i++) {
		const struct group *one = &groups->group[i];

		fprintf(output, "%llx %s %llu %llu %llu %llu %llu %llu\n",
			(unsigned long long)one->site, one->kind ? one->kind->text : "0",
			(unsigned long long)one->times, (unsigned long long)one->contended,
			(unsigned long long)one->instructions, (unsigned long long)one->longest,
			(unsigned long long)one->waited, (unsigned long long)one->longest_wait);
	}
	fflush(output);
}

static void on_marker(unsigned processor, void *argument)
{
	char title[32];

	(void)processor;
	pthread_mutex_lock(&mutex);
	switch ((enum marker)(uintptr_t)argument) {
	case MARKER_BEGIN:
		inside = true;
		break;
	case MARKER_END:
		inside = false;
		break;
	case MARKER_REPORT:
		snprintf(title, sizeof(title), "test %u", tests++);
		print(title, &test);
		break;
	case MARKER_RESET:
		test.count = 0;
		break;
	case MARKER_NONE:
		break;
	}
	pthread_mutex_unlock(&mutex);
}

static const struct range *range_of(uint64_t site)
{
	for (size_t i = 0; i < range_count; i++)
		if (site >= ranges[i].from && site < ranges[i].to)
			return &ranges[i];
	return NULL;
}

/* XCHG with memory, or MOV of a constant to memory; a REX prefix may come first. */
static void access_watch(struct qemu_plugin_insn *one)
{
	const uint8_t *code = qemu_plugin_insn_data(one);
	size_t length = qemu_plugin_insn_size(one), at = length > 1 && (code[0] & 0xf0) == 0x40;
	struct access *access;

	if (code[at] != 0x87 && code[at] != 0xc7)
		return;
	access = malloc(sizeof(*access));
	if (!access)
		abort();
	*access = (struct access){ qemu_plugin_insn_vaddr(one), code[at] == 0x87,
				   range_of(qemu_plugin_insn_vaddr(one)) };
	qemu_plugin_register_vcpu_mem_cb(one, on_access, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_W,
					 access);
}

static void on_translation(qemu_plugin_id_t id, struct qemu_plugin_tb *translated)
{
	size_t count = qemu_plugin_tb_n_insns(translated);
	/* Linux's own kernel lies higher, processes lie lower. */
	bool kernel = qemu_plugin_tb_vaddr(translated) >> 40 == 0xffff80;

	(void)id;
	for (size_t i = 0; i < count; i++) {
		struct qemu_plugin_insn *one = qemu_plugin_tb_get_insn(translated, i);
		const struct range *range;

		marker_watch(one, on_marker);
		if (!kernel)
			continue;
		qemu_plugin_register_vcpu_insn_exec_cb(
			one, on_instruction, QEMU_PLUGIN_CB_NO_REGS,
			(void *)(uintptr_t)name_at(qemu_plugin_insn_vaddr(one)));
		access_watch(one);
		range = range_of(qemu_plugin_insn_vaddr(one));
		if (range && range->from == qemu_plugin_insn_vaddr(one))
			qemu_plugin_register_vcpu_insn_exec_cb(one, on_brief_begin,
							       QEMU_PLUGIN_CB_NO_REGS, NULL);
	}
}

static void at_exit(qemu_plugin_id_t id, void *argument)
{
	(void)id;
	(void)argument;
	print("all", &all);
}

static void range_read(const char *word)
{
	char *end;

	ranges[range_count].from = strtoull(word, &end, 16);
	ranges[range_count++].to = strtoull(end + 1, NULL, 16);
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int count, char **words)
{
	(void)info;
	output = plugin_output(count, words);
	for (int i = 0; i < count; i++) {
		if (!strncmp(words[i], "lock=", 5))
			lock = strtoull(words[i] + 5, NULL, 16);
		if (!strncmp(words[i], "names=", 6))
			names_read(words[i] + 6);
		if (!strncmp(words[i], "short=", 6) && range_count < SHORT)
			range_read(words[i] + 6);
	}
	if (!output || !lock || !name_count)
		return 1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
	qemu_plugin_register_atexit_cb(id, at_exit, NULL);
	return 0;
}
