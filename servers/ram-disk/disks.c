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
#include "session/parent.h"

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

/* The next word of a rule, cut off in place. */
static const char *word_next(char **at)
{
	char *word = *at + strspn(*at, " ");
	size_t length = strcspn(word, " ");

	*at = word + length + (word[length] != 0);
	word[length] = 0;
	return word;
}

static bool rule_read(struct disk *disk)
{
	char *at = disk->rule;
	const char *last;

	disk->name = word_next(&at);
	disk->sectors = size_pages(word_next(&at)) * (PURLIN_PAGE_SIZE / 512);
	disk->owner = word_next(&at);
	last = word_next(&at);
	disk->read_only = !strcmp(last, "read-only");
	return *disk->owner && disk->sectors && (!*last || disk->read_only) && !*at;
}

/* All rules; whether they make sense. */
static const char *rules_read(void)
{
	purlin_s64 status;

	for (count = 0;; count++) {
		message()->word[0] = count;
		status = rpc(PURLIN_SLOT_PARENT, PARENT_SERVES, 1);
		if (status == PURLIN_NO_DEVICE)
			return count ? NULL : "the description says no disks (serves)";
		if (status || count == DISKS)
			return "too many disks";
		words_get_text(disks[count].rule, message()->word, PARENT_SERVES_BYTES - 1);
		if (!rule_read(&disks[count]))
			return "a rule of serves is not \"NAME SIZE COMPONENT [read-only]\"";
	}
}

static void serial_set(struct head *head)
{
	if (head->magic == MAGIC)
		return;
	head->serial = tsc_now();
	__atomic_store_n(&head->magic, MAGIC, __ATOMIC_RELEASE);
}

/* One behind the other, in the order of the rules, which is the same in each life. */
static const char *contents_place(purlin_u8 *kept, purlin_u64 pages)
{
	const struct head *head = (struct head *)kept;
	purlin_u64 at = 1;

	for (unsigned int i = 0; i < count; i++) {
		purlin_u64 there = disks[i].sectors * 512 / PURLIN_PAGE_SIZE;

		if (there > pages - at)
			return "the disks, and a page, are more than what the description keeps";
		disks[i].contents = kept + at * PURLIN_PAGE_SIZE;
		snprintf(disks[i].identity, sizeof(disks[i].identity), "%.14s-%lx", disks[i].name,
			 head->serial);
		at += there;
	}
	return NULL;
}

const char *disks_find(void)
{
	const char *problem = rules_read();
	purlin_u64 memory, pages;
	void *kept;

	if (problem)
		return problem;
	if (rpc_receive(PURLIN_SLOT_PARENT, PARENT_KEPT, 0, &memory))
		return "the description keeps no memory (kept)";
	pages = message()->word[0];
	if (memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &kept))
		return "too little memory for the page tables of what is kept";
	serial_set(kept);
	return contents_place(kept, pages);
}

const struct disk *disk_of(const char *component, const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(disks[i].owner, component) && !strcmp(disks[i].name, name))
			return &disks[i];
	return NULL;
}
