/* SPDX-License-Identifier: MIT */
/*
 * Domains that IOMMUs keep: a set of tables, the number the units know it by, and the functions in
 * it. What differs between kinds of IOMMU is a `struct iommu_kind`; which pages, functions and
 * messages may be used again, and when, is decided here for all of them.
 */
#ifndef PLATFORM_DMA_TRANSLATED_H
#define PLATFORM_DMA_TRANSLATED_H

#include "dma_domain.h"
#include "dma_range.h"
#include "dma_tables.h"

#define DMA_DOMAIN_NUMBERS 4096 /* 0 is nobody's: VT-d notes absent entries under it */
#define IOMMU_UNITS 16

struct translated_domain {
	struct translated_domain *next; /* of those kept for good */
	struct dma_tables tables;
	struct dma_ranges ranges;
	uint64_t pages; /* attached */
	uint16_t number;
	uint32_t units; /* that know it, a bit for each */
	bool unconfirmed;
};

struct iommu_kind {
	const char *name;

	/* The unit that translates for the function, if it can be relied on; -1: none. */
	int (*unit_of)(const struct pci_function *function);
	/* The unit once failed to confirm, so nothing new may be given to it. */
	bool (*stuck)(unsigned int unit);
	/* Why the function must not be assigned although there is a unit; NULL: it may be. */
	const char *(*refusal)(const struct pci_function *function);

	/* The number of the domain that a source's requests go through; 0: they are stopped. */
	uint16_t (*number_of)(unsigned int unit, uint16_t source);
	/*
	 * A source of the function gets a domain. NO_MEMORY: it has none. NO_DEVICE: the unit does
	 * not confirm it. leave, true: it is confirmed that the source is stopped from now on, but
	 * for translations, which flush ends.
	 */
	purlin_s64 (*enter)(unsigned int unit, const struct pci_function *function, uint16_t source,
			    const struct translated_domain *domain);
	bool (*leave)(unsigned int unit, uint16_t source, uint16_t number);
	/* True: the unit has confirmed that it uses nothing that it read in the domain's tables. */
	bool (*flush)(unsigned int unit, uint16_t number);

	/* As in struct dma_domain_type, of a unit that remaps. */
	bool (*block)(unsigned int unit, const struct pci_function *function,
		      struct message_block *block);
	void (*block_end)(unsigned int unit, const struct pci_function *function,
			  const struct message_block *block);
	/*
	 * remaps: messages need an entry of the unit's. The entry is for the vector and processor
	 * that the interrupt's address and data name; they are what the function has to write
	 * afterwards. message_end, true: it is confirmed that the entry causes nothing any more.
	 */
	bool (*remaps)(unsigned int unit);
	bool (*wide_ids)(
		unsigned int unit); /* can entries name processors of APIC ids above 255? */
	purlin_s64 (*message)(unsigned int unit, const struct pci_function *function,
			      struct message_interrupt *interrupt);
	bool (*message_end)(unsigned int unit, struct message_interrupt *interrupt);

	/* As in struct dma_domain_type. */
	purlin_s64 (*watch)(purlin_u64 signal);
	bool (*fault)(struct dma_fault *fault);
	void (*unwatch)(const struct pci_function *function);
};

/* What is the same for all units. With the turn taken, or before there are threads. */
struct dma_translation {
	const struct iommu_kind *kind;
	struct dma_tables common; /* what each of them can read */
	bool caches_absent;	  /* one of them does */
	unsigned int limit;	  /* of domains' numbers */
	uint64_t used[DMA_DOMAIN_NUMBERS / 64];
};

extern struct dma_translation dma_translation;

/* Start with nothing in use; the kind then lowers the limits that its units cannot keep. */
void dma_translation_start(const struct iommu_kind *kind, const struct acpi_description *acpi);

/* The type of these domains. It has the name of the kind in use. */
extern struct dma_domain_type dma_translated;

#endif
