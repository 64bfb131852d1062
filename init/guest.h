/* SPDX-License-Identifier: MIT */
/* A Linux guest while it is being started: docs/guest-device-tree.md. */
#ifndef INIT_GUEST_H
#define INIT_GUEST_H

#include "init.h"
#include "session/pci.h"

#define GUEST_SLOTS 65536
#define GUEST_SLOT_NOTIFY 16 /* one for each console */
#define GUEST_SLOT_PCI (GUEST_SLOT_NOTIFY + DESCRIPTION_CONSOLES)
#define GUEST_SLOT_FIRST_OWN 32
#define GUEST_EVENT_CONSOLE 1 /* one for each console */
#define GUEST_EVENT_SIGNALS 4
#define GUEST_WINDOWS 19 /* as many as a message holds */

struct guest_range {
	purlin_u64 start; /* guest-physical */
	purlin_u64 end;
};

struct guest_window {
	purlin_u64 base;
	purlin_u64 size;
	purlin_u64 kind; /* PCI_BAR_* */
};

struct guest {
	struct component *component;
	const struct component_description *wanted;
	purlin_u64 ram;	    /* slot of the memory object */
	purlin_u64 ram_end; /* guest-physical */
	purlin_u64 entry;   /* as in the ELF header: guest-physical */
	purlin_u64 image_end;
	struct guest_range initrd;		   /* empty: none */
	purlin_u64 tree;			   /* guest-physical address of the device tree */
	purlin_u64 consoles[DESCRIPTION_CONSOLES]; /* guest-physical addresses */
	bool has_pci;
	purlin_u64 dma_base; /* bus address of guest-physical 0 */
	unsigned int window_count;
	struct guest_window windows[GUEST_WINDOWS];
};

/* guest_memory.c: RAM with image and initrd; the kernel half. */
purlin_s64 guest_memory(struct guest *guest);
purlin_s64 guest_map_kernel(struct guest *guest);
/* Map part of its RAM into init, to write it. */
purlin_s64 guest_window_open(struct guest *guest, purlin_u64 address, purlin_u64 bytes,
			     void **window);

/* guest_sessions.c: consoles and PCI. */
purlin_s64 guest_sessions(struct guest *guest);

/* guest_tree.c */
#define GUEST_TREE_BYTES 0x10000
purlin_s64 guest_tree(struct guest *guest);

#endif
