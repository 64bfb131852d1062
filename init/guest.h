/* SPDX-License-Identifier: MIT */
/* A Linux guest while it is being started: docs/guest-device-tree.md. */
#ifndef INIT_GUEST_H
#define INIT_GUEST_H

#include "session/pci.h"
#include "state.h"

#define GUEST_SLOTS 65536
/* Events of vCPU 0 that init may give out; those after them are Linux's own. Number 0 is the timer.
 */
#define GUEST_EVENTS 16
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

/* A session with shared memory, as the guest finds it in its device tree. */
struct guest_session {
	const struct description_session *wanted;
	purlin_u64 address; /* guest-physical */
	purlin_u64 notify;  /* guest's slot of the signal that tells the server */
	unsigned int event; /* by which the server tells the guest */
};

struct new_guest {
	struct component *component;
	const struct component_description *wanted;
	purlin_u64 ram;	    /* slot of the memory object */
	purlin_u64 ram_end; /* guest-physical */
	purlin_u64 entry;   /* as in the ELF header: guest-physical */
	purlin_u64 image_end;
	struct guest_range initrd; /* empty: none */
	purlin_u64 tree;	   /* guest-physical address of the device tree */
	/* What has been given out so far: the rest is the guest's own. */
	purlin_u64 next_slot;	 /* of its capability table */
	unsigned int next_event; /* of vCPU 0 */
	purlin_u64 memory_end;	 /* guest-physical: end of RAM and shared memory */
	purlin_u64 vcpu_slots[DESCRIPTION_VCPUS], event_slots[DESCRIPTION_VCPUS];
	unsigned int session_count;
	struct guest_session sessions[DESCRIPTION_SESSIONS];
	purlin_u64 pci;	     /* guest's slot of the session; 0: it has none */
	purlin_u64 dma_base; /* bus address of guest-physical 0 */
	unsigned int window_count;
	struct guest_window windows[GUEST_WINDOWS];
};

/* guest_memory.c: RAM with image and initrd; the kernel half. */
purlin_s64 guest_memory(struct new_guest *guest);
purlin_s64 guest_map_kernel(struct new_guest *guest);
/* Map part of its RAM into init, to write it. */
purlin_s64 guest_ram_map(struct new_guest *guest, purlin_u64 address, purlin_u64 bytes,
			 void **mapped);

/* guest_sessions.c: what is shared with servers, and PCI. */
purlin_s64 guest_sessions(struct new_guest *guest);

/* guest_tree.c */
#define GUEST_TREE_BYTES 0x10000
purlin_s64 guest_tree(struct new_guest *guest);

#endif
