/* SPDX-License-Identifier: MIT */
/* ROM, RAM and IO_MEM. */
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/io_mem.h"
#include "session/ram.h"
#include "tests.h"

/* Behind the firmware's tables, which are kept for the platform component. */
#define BIOS 0xf8000
#define BIOS_PAGES 8

/* From `bytes` to the end of the page, which is the first. */
static bool is_zero(const unsigned char *page, purlin_u64 bytes)
{
	while (bytes < PURLIN_PAGE_SIZE)
		if (page[bytes++])
			return false;
	return true;
}

void test_rom(void)
{
	const struct purlin_boot_info *info;
	purlin_u64 session, memory, bytes = 0;
	const void *data;
	void *address;

	if (!check_status("ROM: open", session_open("ROM", "", &session), PURLIN_OK))
		return;
	check_status("ROM: unknown module", rom_module(session, "no-such", &memory, &bytes),
		     PURLIN_NO_DEVICE);
	check_status("ROM: unknown operation", rpc(session, 99, 0), PURLIN_BAD_CALL);
	if (!check_status("ROM: module", rom_module(session, "system.dtb", &memory, &bytes),
			  PURLIN_OK))
		return;
	check_status("ROM: not to be written",
		     memory_map(memory, 0, 1, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address),
		     PURLIN_NO_RIGHT);
	check_status("ROM: map", memory_map(memory, 0, 1, PURLIN_MAP_READ, &address), PURLIN_OK);
	check_rights("ROM: rights", memory, PURLIN_RIGHT_READ);
	check_true("ROM: contents", !memcmp(address, "\xd0\x0d\xfe\xed", 4));
	check_true("ROM: zero after the end", is_zero(address, bytes));
	memory_unmap(address);
	slot_delete(memory);
	if (!check_status("ROM: boot_info", rom_map("boot_info", &data, &bytes), PURLIN_OK))
		return;
	info = data;
	check_equal("ROM: boot_info size", bytes, sizeof(*info));
	check_equal("ROM: boot_info magic", info->magic, PURLIN_BOOT_MAGIC);
}

void test_ram(void)
{
	purlin_u64 session, memory, other, id, quota = 0, used = 0;
	purlin_u64 *words;
	void *address;

	if (!check_status("RAM: open", session_open("RAM", "", &session), PURLIN_OK))
		return;
	check_status("RAM: info", ram_info(session, &quota, &used), PURLIN_OK);
	check_equal("RAM: quota", quota, 512);
	check_status("RAM: more than the quota", ram_allocate(session, 513, 0, &memory, &id),
		     PURLIN_NO_MEMORY);
	check_status("RAM: no pages", ram_allocate(session, 0, 0, &memory, &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("RAM: unknown flags", ram_allocate(session, 1, ~0ull, &memory, &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("RAM: unknown id", ram_free(session, 77), PURLIN_BAD_ARGUMENT);
	if (!check_status("RAM: allocate", ram_allocate(session, 100, 0, &memory, &id), PURLIN_OK))
		return;
	check_rights("RAM: rights", memory, ALL_BUT_DESTROY);
	check_status("RAM: info of what is used", ram_info(session, &quota, &used), PURLIN_OK);
	check_true("RAM: used", used >= 100 && used < 110);
	check_status("RAM: map",
		     memory_map(memory, 0, 100, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address),
		     PURLIN_OK);
	words = address;
	words[511] = 42;
	check_true("RAM: zeroed and writable", !words[0] && words[511] == 42);
	check_status("RAM: allocated twice over", ram_allocate(session, 450, 0, &other, &id),
		     PURLIN_NO_MEMORY);
	check_status("RAM: free", ram_free(session, 1), PURLIN_OK);
	check_status("RAM: freed object is gone",
		     memory_map(memory, 0, 1, PURLIN_MAP_READ, &address), PURLIN_DEAD);
	slot_delete(memory);
	check_status("RAM: allocate again",
		     ram_allocate(session, 200, PURLIN_MEMORY_CONTIGUOUS, &memory, &id), PURLIN_OK);
}

#define MOST_CLAIMS 256

/* Core's slots are for all: a component gets so many objects, of all services together. */
void test_claims(void)
{
	static purlin_u64 memory[MOST_CLAIMS], ids[MOST_CLAIMS];
	purlin_u64 session, other, ports, port_session, id, quota = 0, used = 0, before = 0;
	unsigned int count = 0;
	purlin_s64 status = PURLIN_OK;

	if (!check_status("claims: open", session_open("RAM", "", &session), PURLIN_OK) ||
	    !check_status("claims: open ports", session_open("IO_PORT", "", &port_session),
			  PURLIN_OK))
		return;
	check_status("claims: second session", session_open("RAM", "", &other), PURLIN_OK);
	ram_info(other, &quota, &before);
	while (!status && count < MOST_CLAIMS) {
		status = ram_allocate(session, 1, 0, &memory[count], &ids[count]);
		count += !status;
	}
	check_status("claims: as many as there may be", status, PURLIN_NO_MEMORY);
	ram_info(other, &quota, &used);
	check_true("claims: the quota is that of all sessions", used >= before + count);
	check_status("claims: none of another kind",
		     io_port_claim(port_session, 0x2e8, 8, &ports, &id), PURLIN_NO_MEMORY);
	while (count--) {
		slot_delete(memory[count]);
		ram_free(session, ids[count]);
	}
	check_status("claims: after all were freed",
		     io_port_claim(port_session, 0x2e8, 8, &ports, &id), PURLIN_OK);
	check_status("claims: release", io_port_release(port_session, id), PURLIN_OK);
	slot_delete(ports);
	ram_info(other, &quota, &used);
	check_equal("claims: nothing is left", used, before);
}

/* A session meets itself, in any way of caching, but no other. */
static void test_second_holder(purlin_u64 session)
{
	static const purlin_u64 ways[] = { PURLIN_MAP_UNCACHED, PURLIN_MAP_WRITE_COMBINING,
					   PURLIN_MAP_WRITE_BACK };
	purlin_u64 other, memory, id;

	check_status("IO_MEM: other session", session_open("IO_MEM", "other", &other), PURLIN_OK);
	check_status("IO_MEM: held by another",
		     io_mem_claim(other, BIOS + (BIOS_PAGES - 1) * PURLIN_PAGE_SIZE, 1,
				  PURLIN_MAP_UNCACHED, &memory, &id),
		     PURLIN_BUSY);
	for (unsigned int i = 0; i < 3; i++) {
		if (!check_status("IO_MEM: overlap of its own",
				  io_mem_claim(session, BIOS + PURLIN_PAGE_SIZE, 2, ways[i],
					       &memory, &id),
				  PURLIN_OK))
			return;
		check_status("IO_MEM: release of the overlap", io_mem_release(session, id),
			     PURLIN_OK);
		slot_delete(memory);
	}
}

void test_io_mem(void)
{
	purlin_u64 session, memory, id;
	const unsigned char *bios;
	void *address;

	if (!check_status("IO_MEM: open", session_open("IO_MEM", "", &session), PURLIN_OK))
		return;
	check_status("IO_MEM: not granted",
		     io_mem_claim(session, 0xfed00000, 1, PURLIN_MAP_UNCACHED, &memory, &id),
		     PURLIN_NO_RIGHT);
	check_status("IO_MEM: beyond the granted",
		     io_mem_claim(session, BIOS, BIOS_PAGES + 1, PURLIN_MAP_UNCACHED, &memory, &id),
		     PURLIN_NO_RIGHT);
	check_status("IO_MEM: no pages",
		     io_mem_claim(session, BIOS, 0, PURLIN_MAP_UNCACHED, &memory, &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_MEM: past the end of addresses",
		     io_mem_claim(session, 0ull - PURLIN_PAGE_SIZE, 2, PURLIN_MAP_UNCACHED, &memory,
				  &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_MEM: misaligned",
		     io_mem_claim(session, BIOS + 1, 1, PURLIN_MAP_UNCACHED, &memory, &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_MEM: bad cache attribute",
		     io_mem_claim(session, BIOS, 1, 0x1000, &memory, &id), PURLIN_BAD_ARGUMENT);
	if (!check_status("IO_MEM: claim",
			  io_mem_claim(session, BIOS, BIOS_PAGES, PURLIN_MAP_UNCACHED, &memory,
				       &id),
			  PURLIN_OK))
		return;
	check_rights("IO_MEM: rights", memory, ALL_BUT_DESTROY);
	test_second_holder(session);
	check_status("IO_MEM: map", memory_map(memory, 0, BIOS_PAGES, PURLIN_MAP_READ, &address),
		     PURLIN_OK);
	bios = address;
	/* A far jump at the reset vector: every BIOS begins so. */
	check_equal("IO_MEM: contents", bios[0x7ff0], 0xea);
	check_status("IO_MEM: release", io_mem_release(session, id), PURLIN_OK);
	check_status("IO_MEM: destroyed", memory_map(memory, 0, 1, PURLIN_MAP_READ, &address),
		     PURLIN_DEAD);
	slot_delete(memory);
	check_status("IO_MEM: release twice", io_mem_release(session, id), PURLIN_BAD_ARGUMENT);
}
