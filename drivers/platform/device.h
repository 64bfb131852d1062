/* SPDX-License-Identifier: MIT */
/*
 * A function assigned to a session: its filtered configuration space and what of it
 * the session holds. The real command register follows from the client's
 * wishes and the session's state: decoding is always on, INTx only once the
 * client holds the interrupt, bus mastering only once it has memory to reach.
 */
#ifndef PLATFORM_DEVICE_H
#define PLATFORM_DEVICE_H

#include "device_msi.h"

#define DEVICE_PIECES 3 /* pieces before, in place of and after the MSI-X table's pages */

/* What the platform does with the function's line, beside what the client wishes. */
struct device_intx {
	bool masked;  /* by the platform: its owner has to ack first, or it is held back */
	bool suspect; /* cannot be masked, and its owner has to ack (shared_line.h) */
	unsigned int count;
	uint64_t since; /* ... in this stretch */
	uint64_t held_until;
	uint64_t storms;
};

struct device {
	struct device *next; /* of the session */
	struct pci_function *function;
	struct config_filter filter;
	uint16_t bdf; /* as the client sees it */
	bool routed;
	struct route route;
	bool intx_given;
	bool busy;   /* in the middle of a reset, or of falling asleep: others leave it alone */
	bool lost;   /* taken from its owner, before the session ends */
	bool asleep; /* in D3hot, by its owner's wish: nothing is switched on meanwhile */
	struct device_intx intx;
	bool dma;	     /* the session has DMA mappings */
	unsigned int faults; /* that the IOMMU told of */
	struct device_msi msi;
	struct resource piece[PCI_BARS + 1][DEVICE_PIECES];
};

/*
 * Prepare the function for its owner: it is quiet, powered, masked, decoding, and in the domain.
 * NULL: no memory.
 */
struct device *device_start(struct pci_function *function, struct dma_domain *domain, uint16_t bdf,
			    bool multifunction);

/*
 * Silence the function for good: interrupts masked, bus mastering off, reset where that is
 * possible, its interrupts and memory objects destroyed. Memory that it could reach may be unpinned
 * after that.
 */
void device_stop(struct device *device);

uint32_t device_config_read(struct device *device, unsigned int offset, unsigned int size);
void device_config_write(struct device *device, unsigned int offset, unsigned int size,
			 uint32_t value);

/*
 * Adapt the command register when the session's state has changed: INTx given, memory mapped for
 * DMA, pages of the ROM claimed.
 */
void device_update_command(struct device *device);

/* Reset it. False: there is no way to. */
bool device_reset(struct device *device);

/* Switch bus mastering off; memory may be unpinned after that. */
void device_stop_dma(struct device *device);

/* Take the function from its owner, for whom it is absent from now on, and silence it. */
void device_lose(struct device *device, const char *owner, const char *reason);

/* Log a line about the device. */
void device_log(const struct device *device, const char *text);

#endif
