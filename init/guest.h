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
#define GUEST_PARTS (2 * COMPONENT_MEMORIES)

#define LARGE_PAGE (2 * MIB)
#define LARGE_PAGE_DOWN(bytes) ((bytes) & ~(LARGE_PAGE - 1))
#define LARGE_PAGE_UP(bytes) LARGE_PAGE_DOWN((bytes) + LARGE_PAGE - 1)

struct guest_range {
	purlin_u64 start; /* guest-physical */
	purlin_u64 end;
};

/* Of its RAM: contiguous for the guest and for devices. */
struct guest_part {
	purlin_u64 address; /* guest-physical */
	purlin_u64 bytes;
	unsigned int piece; /* index of the memory object in component.memory */
	purlin_u64 offset;  /* in the object */
	purlin_u64 bus;	    /* where devices find it */
};

struct guest_window {
	purlin_u64 base;
	purlin_u64 size;
	purlin_u64 kind; /* PCI_BAR_* */
};

/* A session with shared memory, as the guest finds it in its device tree. */
struct guest_session {
	const struct description_session *wanted;
	purlin_u64 address;		     /* guest-physical */
	purlin_u64 notify;		     /* guest's slot of the signal that tells the server */
	unsigned int event;		     /* by which the server tells the guest */
	const struct device_session *device; /* NULL: shared with the server in another way */
};

/* What the guest has at fixed places. Slots are those of the guest. */
struct guest_ports {
	uint32_t first, count, slot;
};

struct guest_line {
	uint32_t number, slot;
};

struct new_guest {
	struct component *component;
	const struct component_description *wanted;
	unsigned int part_count;
	struct guest_part parts[GUEST_PARTS]; /* the first begins at 0 */
	purlin_u64 ram_bytes;		      /* of all */
	struct guest_range later;	      /* where RAM may be added; empty: none is */
	purlin_u64 entry;		      /* as in the ELF header: guest-physical */
	purlin_u64 image_end;
	struct guest_range initrd; /* empty: none */
	purlin_u64 tree;	   /* guest-physical address of the device tree */
	/* What has been given out so far: the rest is the guest's own. */
	purlin_u64 next_slot;	 /* of its capability table */
	unsigned int next_event; /* of vCPU 0 */
	purlin_u64 memory_end;	 /* guest-physical: of the first part and shared memory */
	purlin_u64 vcpu_slots[DESCRIPTION_VCPUS], event_slots[DESCRIPTION_VCPUS];
	unsigned int session_count;
	struct guest_session sessions[DESCRIPTION_SESSIONS];
	purlin_u64 devices; /* our slot of the PCI session; 0: it has none */
	const char *devices_service;
	purlin_u64 pci;	    /* guest's slot of it */
	purlin_u64 control; /* guest's slot of its Control session; 0: it has none */
	bool framebuffer;   /* it has the boot framebuffer */
	unsigned int ports_count, line_count;
	struct guest_ports ports[DESCRIPTION_RANGES];
	struct guest_line lines[DESCRIPTION_RANGES];
	unsigned int window_count;
	struct guest_window windows[GUEST_WINDOWS];
};

/* guest_ram.c: its RAM, among the windows of its devices; the kernel half. */
purlin_s64 guest_ram(struct new_guest *guest);
purlin_s64 guest_map_kernel(struct new_guest *guest);
/* How much RAM fits from an address on. The address is moved behind anything that lies there. */
purlin_u64 guest_ram_room(const struct new_guest *guest, purlin_u64 *from);

/* guest_memory.c: RAM with image and initrd. */
purlin_s64 guest_memory(struct new_guest *guest);
/* Map some of the first part of it into init, to write it. */
purlin_s64 guest_ram_map(struct new_guest *guest, purlin_u64 address, purlin_u64 bytes,
			 void **mapped);

/* guest_sessions.c: PCI, whose windows decide where RAM may lie; then what is shared with servers,
 * and DMA. */
purlin_s64 guest_devices(struct new_guest *guest);
purlin_s64 guest_sessions(struct new_guest *guest);

/* guest_hardware.c: what it has at fixed places. */
purlin_s64 guest_hardware(struct new_guest *guest);

/* guest_tree.c */
#define GUEST_TREE_BYTES 0x10000
purlin_s64 guest_tree(struct new_guest *guest);

#endif
