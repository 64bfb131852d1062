// SPDX-License-Identifier: GPL-2.0
/*
 * Memory protection of Linux against itself. Once it has started, text is executable and
 * read-only, read-only data is so, and nothing else is executable, in the image's window
 * and in the linear map alike. Modules have the same by their entries.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/mm.h>
#include <linux/set_memory.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <asm/page.h>
#include <asm/pgtable.h>
#include <asm/protect.h>
#include <asm/sections.h>
#include <asm/tlbflush.h>
#include <purlin/boot.h>
#include <purlin/calls.h>

/* Pages in both windows are 2 MiB where nothing of this asked for smaller ones. */
#define LARGE_PAGE	PMD_SIZE
#define WRITABLE	(PURLIN_MAP_READ | PURLIN_MAP_WRITE)

static bool text_read_only;

static void protect(const void *start, const void *end, u64 rights)
{
	unsigned long pages = PFN_UP((unsigned long)end) - PFN_DOWN((unsigned long)start);
	unsigned long address = (unsigned long)start & PAGE_MASK;

	WARN_ON(purlin_guest_map(PURLIN_SLOT_PD, address, __pa(address), pages, rights));
}

static void unmap(unsigned long start, unsigned long end)
{
	if (start < end)
		WARN_ON(purlin_guest_unmap(PURLIN_SLOT_PD, start, (end - start) >> PAGE_SHIFT));
}

void mark_rodata_ro(void)
{
	/* Its last page holds entry code, which needs its right to execute at every moment. */
	void *text_end = PTR_ALIGN(&_etext[0], PAGE_SIZE);
	unsigned long end = (unsigned long)_end;

	protect(__end_rodata, _end, WRITABLE);
	protect(text_end, __end_rodata, PURLIN_MAP_READ);
	protect(_text, text_end, PURLIN_MAP_READ | PURLIN_MAP_EXECUTE);
	protect(lm_alias(_text), lm_alias(__end_rodata), PURLIN_MAP_READ);
	unmap(__START_KERNEL_map, (unsigned long)_text & ~(LARGE_PAGE - 1));
	unmap(end, ALIGN(end, LARGE_PAGE));
	text_read_only = true;
	pr_info("Write protecting the kernel: %lu KiB of text, %lu KiB of read-only data\n",
		(unsigned long)(_etext - _text) >> 10,
		(unsigned long)(__end_rodata - _etext) >> 10);
}

/* The part of a text that lies in one page, by way of the page's place in the linear map. */
static void write_part(void *site, const void *code, size_t bytes)
{
	bool image = site >= (void *)_text && site < (void *)_end;
	bool guarded = image && text_read_only && site < (void *)__end_rodata;
	void *place = image ? lm_alias(site) :
			      page_address(vmalloc_to_page(site)) + offset_in_page(site);

	if (guarded)
		protect(place, place + bytes, WRITABLE);
	memcpy(place, code, bytes);
	if (guarded)
		protect(place, place + bytes, PURLIN_MAP_READ);
}

/* Any number of pages: what is next to another here need not be so in the linear map. */
void purlin_text_write(void *site, const void *code, size_t bytes)
{
	while (bytes) {
		size_t part = min_t(size_t, bytes, PAGE_SIZE - offset_in_page(site));

		write_part(site, code, part);
		site += part;
		code += part;
		bytes -= part;
	}
}

struct change {
	unsigned long set;
	unsigned long clear;
};

static int change_entry(pte_t *entry, unsigned long address, void *data)
{
	const struct change *change = data;
	unsigned long value = pte_val(READ_ONCE(*entry));

	if (value & _PAGE_PRESENT)
		set_pte_at(&init_mm, address, entry,
			   __pte((value & ~change->clear) | change->set));
	return 0;
}

/* Only what vmalloc mapped: there is no entry for the linear map. */
static int change_memory(unsigned long address, int pages, unsigned long set, unsigned long clear)
{
	struct change change = { .set = set, .clear = clear };

	if (WARN_ON_ONCE(!is_vmalloc_or_module_addr((void *)address)))
		return -EINVAL;
	apply_to_existing_page_range(&init_mm, address, (unsigned long)pages * PAGE_SIZE,
				     change_entry, &change);
	purlin_flush_kernel();
	return 0;
}

int set_memory_ro(unsigned long addr, int numpages)
{
	return change_memory(addr, numpages, 0, _PAGE_RW);
}

int set_memory_rw(unsigned long addr, int numpages)
{
	return change_memory(addr, numpages, _PAGE_RW | _PAGE_DIRTY, 0);
}

int set_memory_x(unsigned long addr, int numpages)
{
	return change_memory(addr, numpages, 0, _PAGE_NX);
}

int set_memory_nx(unsigned long addr, int numpages)
{
	return change_memory(addr, numpages, _PAGE_NX, 0);
}
