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

#define BIOS 0xf0000
#define BIOS_PAGES 16

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
		     memory_attach(memory, 0, 1, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address),
		     PURLIN_NO_RIGHT);
	check_status("ROM: map", memory_attach(memory, 0, 1, PURLIN_MAP_READ, &address), PURLIN_OK);
	check_true("ROM: contents", !memcmp(address, "\xd0\x0d\xfe\xed", 4));
	memory_detach(address);
	slot_delete(memory);
	if (!check_status("ROM: boot_info", rom_attach("boot_info", &data, &bytes), PURLIN_OK))
		return;
	info = data;
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
	check_equal("RAM: quota", quota, 256);
	check_status("RAM: more than the quota", ram_allocate(session, 257, 0, &memory, &id),
		     PURLIN_NO_MEMORY);
	check_status("RAM: no pages", ram_allocate(session, 0, 0, &memory, &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("RAM: unknown id", ram_free(session, 77), PURLIN_BAD_ARGUMENT);
	if (!check_status("RAM: allocate", ram_allocate(session, 100, 0, &memory, &id), PURLIN_OK))
		return;
	check_status("RAM: map",
		     memory_attach(memory, 0, 100, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address),
		     PURLIN_OK);
	words = address;
	words[511] = 42;
	check_true("RAM: zeroed and writable", !words[0] && words[511] == 42);
	check_status("RAM: allocated twice over", ram_allocate(session, 200, 0, &other, &id),
		     PURLIN_NO_MEMORY);
	check_status("RAM: free", ram_free(session, 1), PURLIN_OK);
	check_status("RAM: freed object is gone",
		     memory_attach(memory, 0, 1, PURLIN_MAP_READ, &address), PURLIN_DEAD);
	slot_delete(memory);
	check_status("RAM: allocate again",
		     ram_allocate(session, 200, PURLIN_MEMORY_CONTIGUOUS, &memory, &id), PURLIN_OK);
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
	check_status("IO_MEM: map", memory_attach(memory, 0, BIOS_PAGES, PURLIN_MAP_READ, &address),
		     PURLIN_OK);
	bios = address;
	/* A far jump at the reset vector: every BIOS begins so. */
	check_equal("IO_MEM: contents", bios[0xfff0], 0xea);
	memory_detach(address);
	slot_delete(memory);
	check_status("IO_MEM: release", io_mem_release(session, id), PURLIN_OK);
	check_status("IO_MEM: release twice", io_mem_release(session, id), PURLIN_BAD_ARGUMENT);
}
