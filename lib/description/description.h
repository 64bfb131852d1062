/* SPDX-License-Identifier: MIT */
/*
 * A system description (docs/system-description.md), read from its compiled form and
 * checked as a whole. Linked into init and into the host tool check-system; strings
 * point into the device tree.
 */
#ifndef DESCRIPTION_DESCRIPTION_H
#define DESCRIPTION_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "services.h"

#define DESCRIPTION_COMPONENTS 32
#define DESCRIPTION_NAME_BYTES 16 /* of components and services, the final zero included */
#define DESCRIPTION_ROUTES 16
#define DESCRIPTION_PROVIDES 4
#define DESCRIPTION_SERVES 16
#define DESCRIPTION_RANGES 24	 /* CORE_GRANT_RANGES less one, for the framebuffer */
#define DESCRIPTION_PCI_RULES 24 /* PCI_POLICY_RULES */
#define DESCRIPTION_LABELS 12	 /* of one kind of session */
#define DESCRIPTION_SESSIONS 12	 /* that a Linux gets before it starts, by label */
#define DESCRIPTION_VCPUS 16
#define DESCRIPTION_CORE (-1) /* in place of a component's index */
#define DESCRIPTION_NONE (-2)

enum component_type { COMPONENT_NATIVE, COMPONENT_LINUX };

/* What happens when a component ends; in the order of rising consequence. */
enum end_action { END_STOP, END_RESTART, END_POWER_OFF, END_RESET };

struct description_range {
	uint64_t first;
	uint64_t count;
};

struct description_ranges {
	unsigned int count;
	struct description_range range[DESCRIPTION_RANGES];
};

struct description_route {
	const char *service;
	int server; /* index of a component, or DESCRIPTION_CORE */
};

/* A session that init opens for a Linux before it starts. */
struct description_session {
	const struct description_service *service;
	const char *label;
};

/* As in session/pci.h. */
struct description_pci_rule {
	uint32_t kind;
	uint32_t value;
	uint32_t mask;
};

struct component_description {
	const char *name;
	int node; /* offset in the device tree */
	enum component_type type;
	uint64_t memory;    /* bytes */
	bool memory_rest;   /* Linux: all that the others leave; `memory` is how much that is */
	uint64_t overhead;  /* bytes: Linux: what the kernel needs to run it */
	uint64_t ram_quota; /* bytes */
	/* Bytes: Linux: how much RAM it may have at run time, `memory` included; 0: no more. */
	uint64_t memory_most;
	uint64_t ram_step; /* bytes: Linux: what is beyond `memory` comes and goes in such steps */
	uint64_t lent;	   /* bytes: Linux: what it lends to the servers of its device sessions */
	uint32_t priority;
	uint32_t cpu;	     /* of the first thread or vCPU */
	uint64_t processors; /* a bit for each it may use */
	bool log;	     /* may write the kernel's log itself */
	bool hardware;	     /* may claim any hardware */
	bool console_log;    /* may read the kernel's log and take over its UART */
	bool read_log;	     /* may only read it */
	enum end_action on_exit, on_power_off, on_restart, on_fault;
	uint32_t restarts; /* at most so many */

	unsigned int route_count;
	struct description_route routes[DESCRIPTION_ROUTES];
	unsigned int provide_count;
	const char *provides[DESCRIPTION_PROVIDES];
	unsigned int serve_count;
	const char *serves[DESCRIPTION_SERVES]; /* what of, for whom: the server reads it */
	uint64_t kept;				/* bytes of memory that outlive it */
	/* Indices of the components that its Control sessions reach. */
	unsigned int control_count;
	int control[DESCRIPTION_COMPONENTS];
	bool moves;	/* it may move devices between these */
	bool on_demand; /* started by a Control session only */
	bool on_device; /* started when there is a device that its rules match */
	uint64_t adds;	/* bytes for the components that it adds at run time; 0: it adds none */
	struct description_ranges io_ports, io_memory, irqs;
	bool framebuffer; /* it has what the boot loader left */

	const char *binary; /* native */

	const char *kernel; /* Linux, as all below */
	const char *initrd; /* NULL: none */
	const char *bootargs;
	uint32_t vcpus;
	uint32_t watchdog; /* seconds; 0: nobody looks whether it hangs */
	bool lends_ram;	   /* to the servers of its disks */
	unsigned int session_count;
	struct description_session sessions[DESCRIPTION_SESSIONS];
	unsigned int pci_rule_count;
	struct description_pci_rule pci_rules[DESCRIPTION_PCI_RULES];
	bool trusted_dma;
	bool used_devices;

	/* It was added at run time: by which component. The reader leaves both alone. */
	bool added;
	int adder;
};

struct description {
	unsigned int component_count;
	struct component_description components[DESCRIPTION_COMPONENTS];
	int power;	/* component that serves Power, or DESCRIPTION_NONE */
	uint64_t spare; /* bytes of the machine's memory that are promised to no component */
	bool report_memory;
};

/*
 * For a tree to which a component adds others: the description as it is without them, whose
 * components are the first `count` of the tree. What it may give them, check_additions() says.
 */
struct description_addition {
	const struct description *before;
	unsigned int count;
	int adder;
	uint64_t memory; /* bytes: what is left of its `adds` */
};

/* What the checks need to know about the system the description is for. */
struct description_target {
	uint64_t memory; /* bytes for all components together; 0: not known */
	uint32_t cpus;	 /* 0: not known */
	/* Whether there is such a boot module; NULL: not known. */
	bool (*module_exists)(void *context, const char *name);
	/* Told each error. property: the property it is about, or NULL. */
	void (*error)(void *context, const char *node, const char *property, const char *reason);
	void *context;
	const struct description_addition *addition; /* NULL: nothing is added */
};

/* Served by init itself, to who has `control`. */
#define DESCRIPTION_CONTROL "Control"

/* The number of errors; the description is to be used only with 0. */
unsigned int description_read(struct description *description, const void *device_tree,
			      size_t bytes, const struct description_target *target);

/*
 * Join the components of a fragment (docs/system-description.md) to a tree that was read without
 * errors, as its last ones, in `room` bytes at `to`. The fragment may be anybody's, but nobody may
 * change it meanwhile. The number of errors: with 0 description_read() is to read the whole.
 */
unsigned int description_join(void *to, size_t room, const void *tree, const void *fragment,
			      size_t bytes, const struct description_target *target);

/* The tree in which its strings lie is now at another place. */
void description_move(struct component_description *component, const char *from, size_t bytes,
		      const char *to);

/* The route of a component for a service: index of the server, DESCRIPTION_CORE or
 * DESCRIPTION_NONE. */
int description_server(const struct component_description *component, const char *service);

#endif
