/* SPDX-License-Identifier: MIT */
/*
 * Disks in memory that init keeps (PARENT_KEPT). Its first page says since when: with that number
 * in their identity, disks that had to begin anew are other disks.
 */
#include "disks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "purlin/boot.h"
#include "runtime/arch/processor.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/rom.h"

#define MAGIC 0x6b73696420d6a172ull

struct head {
	purlin_u64 magic; /* written last */
	purlin_u64 serial;
};

static struct disk disks[DISKS];
static unsigned int count;

/* "64K", "16M": pages; 0: it is nothing of the kind. */
static purlin_u64 size_pages(const char *text)
{
	purlin_u64 size = 0;

	while (*text >= '0' && *text <= '9' && size < 1u << 20)
		size = size * 10 + (purlin_u64)(*text++ - '0');
	if ((strcmp(text, "K") && strcmp(text, "M")) || size >= 1u << 20)
		return 0;
	return PAGES_OF(size << (*text == 'K' ? 10 : 20));
}

static bool rule_read(struct disk *disk)
{
	char *at = disk->rule;

	disk->name = serves_word(&at);
	disk->sectors = size_pages(serves_word(&at)) * (PURLIN_PAGE_SIZE / 512);
	disk->owner = serves_word(&at);
	disk->module = serves_word(&at);
	disk->read_only = !strcmp(disk->module, "read-only");
	if (disk->read_only)
		disk->module = serves_word(&at);
	return *disk->owner && disk->sectors && !*at;
}

/* All rules; a sentence if they make no sense. */
static const char *rules_read(void)
{
	for (count = 0;; count++) {
		char more[PARENT_SERVES_BYTES];
		purlin_s64 status = serves_read(count, count < DISKS ? disks[count].rule : more);

		if (status == PURLIN_NO_DEVICE)
			return count ? NULL : "the description says no disks (serves)";
		if (status || count == DISKS)
			return "too many disks";
		if (!rule_read(&disks[count]))
			return "a rule of serves is not \"NAME SIZE COMPONENT [read-only] "
			       "[MODULE]\"";
	}
}

/* What is on the disk at first: a boot module, or zeroes. */
static const char *contents_begin(const struct disk *disk, purlin_u64 rom)
{
	purlin_u64 module = 0, bytes;
	const char *problem = NULL;
	void *mapped;

	message_put_text(0, PURLIN_NAME_BYTES, disk->module);
	if (rpc_receive(rom, ROM_MODULE, PURLIN_NAME_BYTES / 8, &module))
		return "there is no boot module of a name in serves";
	bytes = message()->word[0];
	if (bytes > disk->sectors * 512)
		problem = "a boot module is larger than its disk";
	else if (memory_map(module, 0, PAGES_OF(bytes), PURLIN_MAP_READ, &mapped))
		problem = "too little memory for the page tables of a boot module";
	if (!problem) {
		memcpy(disk->contents, mapped, bytes);
		memory_unmap(mapped);
	}
	slot_delete(module);
	return problem;
}

/* In the first life. The head is written last: a life that ends before it starts over. */
static const char *all_begin(struct head *head)
{
	const char *problem = NULL;
	purlin_u64 rom = 0;

	for (unsigned int i = 0; !problem && i < count; i++) {
		if (!*disks[i].module)
			continue;
		if (!rom && session_open("ROM", "", &rom))
			return "there is no route for ROM";
		problem = contents_begin(&disks[i], rom);
	}
	if (!problem) {
		head->serial = (purlin_u32)(tsc_now() >> 4);
		__atomic_store_n(&head->magic, MAGIC, __ATOMIC_RELEASE);
	}
	return problem;
}

/* Disks lie one after the other in the order of the rules, which is the same in each life. */
static const char *contents_place(purlin_u8 *kept, purlin_u64 pages)
{
	purlin_u64 at = 1;

	for (unsigned int i = 0; i < count; i++) {
		purlin_u64 there = disks[i].sectors * 512 / PURLIN_PAGE_SIZE;

		if (there > pages - at)
			return "the disks, and a page, are more than what the description keeps";
		disks[i].contents = kept + at * PURLIN_PAGE_SIZE;
		at += there;
	}
	return NULL;
}

const char *disks_find(void)
{
	const char *problem = rules_read();
	purlin_u64 memory, pages;
	struct head *head;
	void *kept;

	if (problem)
		return problem;
	if (rpc_receive(PURLIN_SLOT_PARENT, PARENT_KEPT, 0, &memory))
		return "the description keeps no memory (kept)";
	pages = message()->word[0];
	if (memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &kept))
		return "too little memory for the page tables of what is kept";
	head = kept;
	problem = contents_place(kept, pages);
	if (!problem && head->magic != MAGIC)
		problem = all_begin(head);
	for (unsigned int i = 0; i < count; i++)
		snprintf(disks[i].identity, sizeof(disks[i].identity), "%.14s-%lx", disks[i].name,
			 head->serial);
	return problem;
}

const struct disk *disk_of(const char *component, const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(disks[i].owner, component) && !strcmp(disks[i].name, name))
			return &disks[i];
	return NULL;
}
