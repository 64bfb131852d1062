/* SPDX-License-Identifier: MIT */
/* What the parts of init share. */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/description/description.h"
#include "purlin/boot.h"
#include "runtime/lock.h"
#include "runtime/server.h"
#include "session/parent.h"

#define MOST_SESSIONS 32 /* of one component */
#define SUPERVISOR_PRIORITY 48
#define ALL_BUT_DESTROY (PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY)
#define MIB (1ul << 20)

enum component_state {
	COMPONENT_STARTING, /* for the first time or again; whoever needs it waits */
	COMPONENT_RUNNING,
	COMPONENT_ENDED, /* for good */
};

/* A session opened for a component, to be closed when it ends. */
struct open_session {
	int server;	       /* index, or DESCRIPTION_CORE */
	purlin_u64 generation; /* the server's when it was opened */
	purlin_u64 badge;
	char service[PARENT_SERVICE_BYTES + 1];
};

struct announced {
	char service[PARENT_SERVICE_BYTES + 1];
	purlin_u64 endpoint; /* slot */
};

struct component {
	const struct component_description *description;
	/* For its supervisor only. */
	purlin_u64 endpoint;			/* the component's parent */
	purlin_u64 watch;			/* signal: the component ended */
	purlin_u64 account, pd, thread, memory; /* slots, 0: not there */
	purlin_u64 ram_account;			/* of its RAM sessions; made by the first */
	purlin_u64 guest_signals[PURLIN_SLOT_FIRST_FREE - PURLIN_SLOT_EVENTS];
	unsigned int session_count;
	struct open_session sessions[MOST_SESSIONS];
	unsigned int restarts;
	/* Under state_lock. */
	enum component_state state;
	purlin_u64 generation; /* counts its starts */
	unsigned int announced_count;
	struct announced announced[DESCRIPTION_PROVIDES];
	/* Notified when any of the above changes in any component. */
	purlin_u64 changed;
};

/* state.c; tell_all: something under state_lock has changed. */
extern struct description description;
extern struct component components[DESCRIPTION_COMPONENTS];
extern struct lock state_lock;
void tell_all(void);

/* boot_data.c: a boot module; false: not in the bundle. */
extern const struct purlin_boot_info *boot_info;
purlin_s64 boot_data_attach(void);
bool boot_module(const char *name, const void **data, size_t *bytes);

/* end.c: ask for the end of the machine's run; wait until somebody does, and end it. Returns when
 * that is impossible. */
purlin_s64 end_prepare(void);
void request_end(enum end_action action, const char *component);
void end_await(void);

/* memory_report.c: a line "memory: NAME USED of LIMIT KiB" for each component and for init. */
void report_memory(void);

/* supervisor.c */
void supervise(void *component);

/* native.c, linux.c: create and start. On failure the supervisor cleans up what is recorded in
 * *component. */
purlin_s64 native_start(struct component *component);
purlin_s64 linux_start(struct component *component);
/* native.c: account, and PD with the component's name. */
purlin_s64 component_create_pd(struct component *component, purlin_u64 pages,
			       purlin_u64 capability_slots, purlin_u64 flags);
/* Slots 1 to 5. */
purlin_s64 component_fill_slots(struct component *component);
purlin_s64 component_give(struct component *component, purlin_u64 pd_slot, purlin_u64 from,
			  purlin_u64 rights, purlin_u64 badge);

/* core_sessions.c */
purlin_s64 core_open(struct component *component, const char *service, purlin_u64 *slot);

/* route.c: open a session for a component as its description says; *slot is the caller's. */
purlin_s64 route_open(struct component *component, const char *service, const char *label,
		      const purlin_u64 *arguments, unsigned int argument_count, purlin_u64 *slot);
void route_close_all(struct component *component);
purlin_s64 route_announce(struct component *component, const char *service, purlin_u64 endpoint);
void route_withdraw(struct component *component);
/* Before the end of the run: let servers finish their output. */
void route_flush(unsigned int server);
/* A session of init itself with a component. */
purlin_s64 route_open_own(int server, const char *service, purlin_u64 *slot);

/* report.c: one line about a component, prefixed with its name. */
void report(const struct component *component, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Why the kernel stopped it; false: it runs. */
bool report_status(const struct component *component, bool *fault);

/* wall_clock.c: nanoseconds since 1970 at a time stamp; read once at start. */
void wall_clock_read(void);
extern purlin_u64 wall_clock_ns, wall_clock_tsc;

#endif
