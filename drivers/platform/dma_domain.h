/* SPDX-License-Identifier: MIT */
/*
 * DMA domains: what the devices of one session reach, and how their messages arrive. Each kind of
 * IOMMU is a file with a `struct dma_domain_type`; without one it is dma_untranslated.c. Sessions
 * know the type only.
 *
 * Life of a function in a domain: add (it is silent) -> it may become bus master -> it is silent,
 * drained and reset -> remove. Life of memory: pin -> map -> unmap -> flush -> release of the pin.
 * Sessions hold the pins, so no type can forget one or give it up too early.
 */
#ifndef PLATFORM_DMA_DOMAIN_H
#define PLATFORM_DMA_DOMAIN_H

#include "resource.h"
#include "pci_tree.h"
#include "pin.h"

struct dma_domain_type;

/* Of a session. */
struct dma_domain {
	const struct dma_domain_type *type;
	unsigned int processor; /* takes the messages: one of the owner's */
	void *tables;		/* of the type */
};

/*
 * The messages of an MSI capability, where they can be told apart: the function has one address and
 * adds their numbers to the data. count 0: it has one message only.
 */
struct message_block {
	unsigned int first; /* entry of the type; the others follow */
	unsigned int count; /* a power of two */
};

/* A message-signalled interrupt, and what the function has to write to cause it. */
struct message_interrupt {
	struct resource resource;
	purlin_u64 address;
	purlin_u32 data;
	uint32_t storms;		     /* that were seen (storms.h) */
	uint64_t held_until;		     /* silenced at the function; 0: not */
	unsigned int entry;		     /* of the type */
	const struct pci_function *function; /* likewise */
	const struct message_block *block;   /* that it is one of, under ... */
	unsigned int number;		     /* ... this number; NULL: it stands alone */
};

/* An access that was stopped, of a function or of one that looks like it. */
struct dma_fault {
	uint64_t address;
	uint16_t source; /* its bdf */
	uint8_t reason;	 /* as the IOMMU says it, and ... */
	bool read;
	const char *text; /* ... in words */
	bool error;	  /* it was a device that said so: see PCI_FAULT_ERROR */
};

struct dma_domain_type {
	const char *name; /* for those who look */

	/* Devices reach nothing but what is mapped: no `trusted-dma` is needed. */
	bool isolates;

	/* An empty domain, and its end: without functions, mappings, messages. */
	purlin_s64 (*start)(struct dma_domain *domain);
	void (*end)(struct dma_domain *domain);

	/*
	 * After add, what the function reads and writes goes through the domain or nowhere. remove,
	 * false: it cannot be confirmed that the function has left the domain, so nobody else may
	 * have it.
	 */
	purlin_s64 (*add)(struct dma_domain *domain, const struct pci_function *function);
	bool (*remove)(struct dma_domain *domain, const struct pci_function *function);

	/*
	 * wanted: the address at which functions are to find the memory, or PCI_DMA_ANYWHERE;
	 * *address: the one at which they do. BAD_ARGUMENT: memory of this shape, or at this
	 * address, cannot be mapped. Unmapped pages may still be in use until flush has returned
	 * true; false: this cannot be confirmed, and the pages must never be used again.
	 */
	purlin_s64 (*map)(struct dma_domain *domain, const struct pin *pin, uint64_t wanted,
			  uint64_t *address);
	void (*unmap)(struct dma_domain *domain, const struct pin *pin, uint64_t address);
	bool (*flush)(struct dma_domain *domain);

	/*
	 * Take room for so many messages of one capability; `message` then allocates each of them,
	 * with its vector. False: there is no room, or the type cannot tell apart messages that
	 * differ in their data only. The room is taken before the function enters the domain, and
	 * given back after it has left.
	 */
	bool (*block)(const struct pci_function *function, struct message_block *block);
	void (*block_end)(const struct pci_function *function, const struct message_block *block);

	/*
	 * By the time that its interrupt is given back, the function no longer sends the message.
	 */
	purlin_s64 (*message)(struct dma_domain *domain, const struct pci_function *function,
			      struct message_interrupt *interrupt);
	void (*message_end)(struct dma_domain *domain, struct message_interrupt *interrupt);
	/*
	 * May the function send any address and data? Either none of them can cause more than its
	 * owner's interrupts, or the function reaches all of the machine anyway.
	 */
	bool (*any_message)(const struct pci_function *function);

	/*
	 * Only for a type that isolates. watch: notify the signal when an access was stopped;
	 * fault: take the next stopped access, false: there is none; unwatch: report nothing more
	 * about the function while it is in its domain.
	 */
	purlin_s64 (*watch)(purlin_u64 signal);
	bool (*fault)(struct dma_fault *fault);
	void (*unwatch)(const struct pci_function *function);
};

/* What became of the search for IOMMUs. */
enum iommu_start {
	IOMMU_NONE,    /* none, or none that can be used: devices reach all memory */
	IOMMU_RUNNING, /* nothing passes but what domains map */
	IOMMU_HELD,    /* one was at work before and cannot be taken over: its memory must not go */
};

/* Without an IOMMU: addresses are physical, and functions reach all memory. */
extern const struct dma_domain_type dma_untranslated;

#endif
