/* SPDX-License-Identifier: MIT */
/*
 * A component that tries what it has no right to by ways around: copies of capabilities, protection
 * domains of its own, numbers that are right when cut to 32 bits, names that forge lines of the
 * log.
 */
#include <string.h>

#include "../check.h"
#include "outsider.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define OWN_PRIORITY 20
#define TRUNCATED (1ull << 32)
#define ADDRESS 0x0000002000000000ull
#define TIMES 1500
#define MOST_BYTES 12000 /* a budget's lines, one more each second, and those about the dropped */

static purlin_u64 account, pd, guest, thread;

static bool refused(purlin_s64 status)
{
	return status < 0;
}

static void make_domains(void)
{
	account = slot_reserve();
	pd = slot_reserve();
	guest = slot_reserve();
	thread = slot_reserve();
	check_status("account", purlin_account_create(PURLIN_SLOT_ACCOUNT, account, 128), 0);
	message_put_text(0, PURLIN_NAME_BYTES, "domain");
	check_status("PD", purlin_pd_create(account, pd, 16, 0, PURLIN_PROCESSORS_OWN), 0);
	check_status("guest",
		     purlin_pd_create(account, guest, 16, PURLIN_PD_GUEST, PURLIN_PROCESSORS_OWN),
		     0);
}

/* The watch over itself, and its own end, by a copy with all rights and through another table. */
static void take_watch(void)
{
	purlin_u64 signal = slot_reserve(), copy;

	check_status("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal), 0);
	check_status("copy", slot_copy(PURLIN_SLOT_PD, PURLIN_RIGHT_ALL, 0, &copy), 0);
	check_status("watch by a copy", purlin_pd_watch(copy, signal, 1), PURLIN_NO_RIGHT);
	check_status("end by a copy", purlin_object_destroy(copy), PURLIN_NO_RIGHT);
	check_status("account's end", purlin_object_destroy(PURLIN_SLOT_ACCOUNT), PURLIN_NO_RIGHT);
	check_status("thread's end", purlin_object_destroy(PURLIN_SLOT_THREAD), PURLIN_NO_RIGHT);
	check_status("to another table",
		     purlin_cap_copy(pd, 1, PURLIN_SLOT_PD, PURLIN_RIGHT_ALL, 0), 0);
	slot_delete(copy);
	slot_delete(signal);
}

/* Processor 1 is not one of its own. */
static void take_processor(void)
{
	static const purlin_u64 numbers[] = { 1, 63, 64, TRUNCATED, TRUNCATED + 1, ~0ull };
	purlin_u64 slot = slot_reserve();

	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		check_true("own thread elsewhere",
			   refused(purlin_thread_create(PURLIN_SLOT_PD, slot, numbers[i],
							OWN_PRIORITY, ADDRESS)));
		check_true(
			"thread of a PD elsewhere",
			refused(purlin_thread_create(pd, slot, numbers[i], OWN_PRIORITY, ADDRESS)));
		check_true("vCPU elsewhere",
			   refused(purlin_vcpu_create(guest, slot, numbers[i], OWN_PRIORITY)));
	}
	check_true("PD with more processors", refused(purlin_pd_create(account, slot, 16, 0, 3)));
	check_true("PD with another processor", refused(purlin_pd_create(account, slot, 16, 0, 2)));
	check_true("PD with processors nobody has",
		   refused(purlin_pd_create(account, slot, 16, 0, 1ull << 63)));
	slot_release(slot);
}

static void take_priority(void)
{
	static const purlin_u64 numbers[] = { OWN_PRIORITY + 1, 255, 256 + OWN_PRIORITY,
					      TRUNCATED + OWN_PRIORITY, ~0ull };
	purlin_u64 slot = slot_reserve();

	for (unsigned int i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		check_true("urgent thread",
			   refused(purlin_thread_create(pd, slot, 0, numbers[i], ADDRESS)));
		check_true("urgent vCPU", refused(purlin_vcpu_create(guest, slot, 0, numbers[i])));
		check_true("more urgent itself",
			   refused(purlin_thread_schedule(PURLIN_SLOT_THREAD, numbers[i], 1000)));
	}
	slot_release(slot);
}

/* All ways to RAM: its own, of a child's account, contiguous, below 4 GiB; into three domains. */
static void map_uncached(void)
{
	static const purlin_u64 rights[] = {
		PURLIN_MAP_READ | PURLIN_MAP_UNCACHED,
		PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_WRITE_COMBINING,
		PURLIN_MAP_READ | PURLIN_MAP_KEPT | PURLIN_MAP_UNCACHED,
		PURLIN_MAP_READ | 0x40,
		PURLIN_MAP_READ | TRUNCATED,
		PURLIN_MAP_READ | 1ull << 63,
	};
	purlin_u64 memory[3];

	check_status("own", memory_new(PURLIN_SLOT_ACCOUNT, 2, 0, &memory[0]), 0);
	check_status("child's", memory_new(account, 2, 0, &memory[1]), 0);
	check_status("special",
		     memory_new(account, 2, PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G,
				&memory[2]),
		     0);
	for (unsigned int i = 0; i < 3; i++)
		for (unsigned int j = 0; j < sizeof(rights) / sizeof(rights[0]); j++) {
			check_true("mapped here",
				   refused(purlin_memory_map(memory[i], PURLIN_SLOT_PD, ADDRESS, 0,
							     1, rights[j])));
			check_true("mapped there", refused(purlin_memory_map(memory[i], pd, ADDRESS,
									     0, 1, rights[j])));
			check_true("attached",
				   refused(purlin_guest_attach(guest, ADDRESS, memory[i], 0, 1,
							       rights[j])));
		}
}

/* Ends of the address space, sums that wrap. */
static void map_nowhere(void)
{
	static const purlin_u64 addresses[] = { 0x00007ffffffff000, 0x0000800000000000,
						0xffff800000000000, 0xfffffffffffff000, 1 };
	purlin_u64 memory;

	check_status("memory", memory_new(PURLIN_SLOT_ACCOUNT, 2, 0, &memory), 0);
	for (unsigned int i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		check_true("here", refused(purlin_memory_map(memory, PURLIN_SLOT_PD, addresses[i],
							     0, 1, PURLIN_MAP_READ)));
		check_true("there", refused(purlin_memory_map(memory, pd, addresses[i], 0, 1,
							      PURLIN_MAP_READ)));
		check_true("message", refused(purlin_thread_create(pd, thread, 0, OWN_PRIORITY,
								   addresses[i])));
	}
	check_true(
		"two pages to the last",
		refused(purlin_memory_map(memory, pd, 0x00007fffffffe000, 0, 2, PURLIN_MAP_READ)));
	check_true("offset wraps",
		   refused(purlin_memory_map(memory, pd, ADDRESS, ~0ull, 2, PURLIN_MAP_READ)));
	check_true("pages wrap",
		   refused(purlin_memory_map(memory, pd, ADDRESS, 1, ~0ull, PURLIN_MAP_READ)));
	check_true("bytes wrap",
		   refused(purlin_memory_map(memory, pd, ADDRESS, 0, 1ull << 52, PURLIN_MAP_READ)));
}

/* Read what was logged since then, and look for a line. */
static purlin_u64 sequence;

static bool logged(const char *line, purlin_u64 *amount)
{
	char text[sizeof(struct purlin_message) + 1];
	purlin_u64 bytes, next;
	bool found = false;

	*amount = 0;
	while (!purlin_log_read(PURLIN_SLOT_LOG, sequence, &bytes, &next) && bytes) {
		memcpy(text, message()->word, bytes);
		text[bytes] = 0;
		*amount += bytes;
		sequence = next;
		for (const char *at = text; line && *at; at++)
			found |= (at == text || at[-1] == '\n') && !strncmp(at, line, strlen(line));
	}
	return found;
}

/* The kernel names what faults; the name is the creator's. */
static void forge_line(void)
{
	purlin_u64 amount, child = slot_reserve();

	(void)logged(NULL, &amount);
	message_put_text(0, PURLIN_NAME_BYTES, "x\n[init] forged");
	check_status("PD with a line in its name", purlin_pd_create(account, child, 16, 0, 1), 0);
	check_status("thread", purlin_thread_create(child, thread, 0, OWN_PRIORITY, 0x10000), 0);
	check_status("start", purlin_thread_start(thread, 0x1000, 0, 0), 0);
	purlin_thread_yield();
	check_true("no line is forged", !logged("[init] forged", &amount));
	check_true("the fault is told", amount != 0);
	slot_delete(thread);
	(void)purlin_object_destroy(child);
	slot_delete(child);
}

static void flood(const char *name, purlin_s64 (*request)(unsigned int round))
{
	purlin_u64 amount;

	(void)logged(NULL, &amount);
	for (unsigned int i = 0; i < TIMES; i++)
		(void)request(i);
	(void)logged(NULL, &amount);
	check_true(name, amount < MOST_BYTES);
}

static purlin_s64 ask_parent(unsigned int round)
{
	return rpc(PURLIN_SLOT_PARENT, 9000 + round, 3);
}

static purlin_s64 ask_for_names(unsigned int round)
{
	char name[] = "A\x1b[31m\n";
	purlin_u64 session;

	name[0] = (char)('A' + round % 26);
	return session_open(name, "\r\n", &session);
}

static purlin_s64 ask_without_words(unsigned int round)
{
	(void)round;
	return rpc(PURLIN_SLOT_PARENT, 0, 0);
}

static purlin_u64 rom;

static purlin_s64 ask_for_modules(unsigned int round)
{
	purlin_u64 memory, bytes;

	(void)round;
	return rom_module(rom, "not\nthere", &memory, &bytes);
}

static purlin_s64 ask_for_memory(unsigned int round)
{
	purlin_u64 memory, id;
	static purlin_u64 io_mem;

	if (!io_mem && session_open("IO_MEM", "", &io_mem))
		return 0;
	return io_mem_claim(io_mem, 0xfee00000 + round * 0x1000ull, 1, PURLIN_MAP_UNCACHED, &memory,
			    &id);
}

int component_main(purlin_u64 argument);
int component_main(purlin_u64 argument)
{
	(void)argument;
	make_domains();
	take_watch();
	take_processor();
	take_priority();
	map_uncached();
	map_nowhere();
	kept_without_memory();
	forge_line();
	check_status("ROM", session_open("ROM", "", &rom), 0);
	flood("requests init does not know", ask_parent);
	flood("services with odd names", ask_for_names);
	flood("requests without words", ask_without_words);
	flood("modules that are not there", ask_for_modules);
	flood("memory that is not granted", ask_for_memory);
	return check_sum();
}
