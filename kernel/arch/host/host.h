/* SPDX-License-Identifier: MIT */
/* The host architecture: the generic kernel as a Linux program. What tests set and see. */
#ifndef HOST_H
#define HOST_H

#include "base/arch.h"
#include "base/tlb_batch.h"
#include "base/types.h"

#define HOST_CPUS 4
#define HOST_GSIS 24
#define HOST_MSIS 8
#define HOST_MEMORY_PAGES 16384
#define HOST_TIME_HZ 1000000000ull
/* Ranges the fake kernel keeps to itself. */
#define HOST_RESERVED_PORT 0x20
#define HOST_RESERVED_PHYSICAL 0xfee00000ull

struct guest;
struct space;

/* All that can be told to the machine, and that it did. host_reset() zeroes it. */
extern struct host {
	unsigned int cpu; /* the processor the kernel runs on */
	struct thread *current;
	uint64_t time;
	uint64_t timer[HOST_CPUS]; /* as armed */
	uint64_t rescheduled;	   /* bit for each processor asked */
	unsigned int
		preempt_every; /* arch_preemption_pending() is true every so many times; 0: never */
	unsigned int preempt_count;
	struct host_line {
		struct irq *irq;
		bool masked;
		uint32_t flags;
	} gsi[HOST_GSIS];
	struct irq *msi[HOST_MSIS];
	uint64_t remapped_at; /* irq_remap */
	uint32_t port[65536];
	bool console_busy;
	unsigned int console_asked, console_bytes;
	unsigned int resets;
	uint64_t unmaps; /* calls of arch_tables_unmap: shoot-downs */
	bool refuse_thread;
	unsigned int fail_at; /* the allocation that fails, counted down; 0: none does */
	bool fail_on;	      /* and so do all after it */
	bool failed;	      /* it has */
	unsigned int asked;   /* allocations so far, whether they failed or not */
	/* TLBs of guests: how often something had to leave them, and what it was the last time. */
	unsigned int flushes;
	const struct space *flushed_space; /* NULL: of the kernel half */
	struct tlb_batch flushed;
	bool elsewhere; /* other processors hold translations of every space */
	/* Called by who waits for another processor, so that it can come further. */
	void (*paused)(void);
} host;

/* Fresh memory for the page allocator; everything at rest. */
void host_reset(void);
void *host_memset(void *to, int value, size_t bytes);
/* Physical address and rights of a page that is mapped there; false: not mapped. */
bool host_translate(const struct page_tables *tables, uint64_t address, struct physical *physical,
		    uint32_t *rights);
/* How many pages they map. */
uint64_t host_mapped(const struct page_tables *tables);
/* An entry maps what an attachment has, with its rights; of one that is being removed: `dying`. */
bool host_entry_allowed(const struct guest *guest, uint64_t entry, uint64_t bytes, bool dying);
/* Make a GSI or MSI fire as the machine would; false: masked. */
bool host_gsi_fire(uint32_t gsi);
void host_msi_fire(unsigned int index);

/* For models of what still reaches a page: called before it is free. NULL: nobody asks. */
extern void (*host_pages_freed)(struct physical base, uint64_t pages);

/* Allocations of kernel memory that are live (account_allocate). */
size_t host_allocations(void);

#endif
