/* SPDX-License-Identifier: MIT */
/* What the parts of init share. */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/description/description.h"
#include "purlin/boot.h"
#include "runtime/lock.h"
#include "runtime/log_budget.h"
#include "runtime/server.h"
#include "session/parent.h"

#define MOST_SESSIONS 32 /* of one component */
/* Bits of a component's watch. What they stand for is looked at: a bit may come twice or late. */
#define WATCH_ENDED 1	/* a thread of the component ended, or its guest was stopped */
#define WATCH_CHANGED 2 /* state of some component */
#define WATCH_ANSWER 4	/* of a server */
#define WATCH_LATE 8	/* the time to wait for an answer is over */
#define SUPERVISOR_PRIORITY 48
#define ALL_BUT_DESTROY (PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY)
#define MIB (1ul << 20)

enum component_state {
	COMPONENT_STARTING, /* for the first time or again; whoever needs it waits */
	COMPONENT_RUNNING,
	COMPONENT_ENDED, /* for good */
};

struct question;

struct announced {
	char service[PARENT_SERVICE_BYTES + 1];
	purlin_u64 endpoint; /* slot */
};

struct component {
	const struct component_description *description;
	/* For its supervisor only. */
	purlin_u64 endpoint; /* the component's parent */
	purlin_u64 watch;    /* signal: WATCH_* */
	purlin_u64 timer;
	bool ended; /* seen while its supervisor waited for something else */
	purlin_u64 account, pd, thread, memory; /* slots, 0: not there */
	purlin_u64 ram_account;			/* of its RAM sessions; made by the first */
	purlin_u64 guest_signals[PURLIN_SLOT_FIRST_FREE - PURLIN_SLOT_EVENTS];
	unsigned int session_count;
	struct question *sessions; /* the latest first */
	struct log_budget log_budget;
	unsigned int restarts;
	purlin_u64 started; /* TSC */
	/* Under state_lock. */
	enum component_state state;
	purlin_u64 generation; /* counts its starts */
	unsigned int announced_count;
	struct announced announced[DESCRIPTION_PROVIDES];
	unsigned int closing; /* sessions of its earlier lives whose servers have not answered */
};

/* state.c; tell_all: something under state_lock has changed. */
extern struct description description;
extern struct component components[DESCRIPTION_COMPONENTS];
extern struct lock state_lock;
void tell_all(void);

/* boot_data.c: a boot module; false: not in the bundle. */
extern const struct purlin_boot_info *boot_info;
purlin_s64 boot_data_map(void);
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

/*
 * wait.c, for its supervisor: sleep until something may have changed. DEAD: the component has ended
 * meanwhile, AGAIN: `deadline` (TSC) is over.
 */
purlin_s64 component_wait(struct component *component, purlin_u64 deadline);
/* Ask and wait. DEAD: the component has ended, or the server does not answer; *question is then
 * NULL and not the caller's any more. */
purlin_s64 component_ask(struct component *component, struct question **question);
/* Until the servers of its last life have answered, or are late. */
void component_await_closing(struct component *component);

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
/* As rpc_exchange, at a session that was opened for the component. */
purlin_s64 route_exchange(struct component *component, const char *service, purlin_u64 session,
			  purlin_u32 operation, unsigned int sent, const purlin_u64 *send,
			  unsigned int wanted, purlin_u64 *received);
/* Waits for nobody. */
void route_close_all(struct component *component);
purlin_s64 route_announce(struct component *component, const char *service, purlin_u64 endpoint);
void route_withdraw(struct component *component);
/* Slot of a server's endpoint for a service, or 0. State lock held. */
purlin_u64 announced_endpoint(const struct component *server, const char *service);

/* report.c: one line about a component, prefixed with its name. */
void report(const struct component *component, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
bool has_ended(const struct component *component);
/* The same about something that the component can do as often as it likes: a budget holds. Those
 * dropped are told with the next line, or at its end. For its supervisor. */
void report_request(struct component *component, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void report_requests_end(struct component *component);
/* Why the kernel stopped it; false: it runs. */
bool report_status(const struct component *component, bool *fault);

/* wall_clock.c: nanoseconds since 1970 at a time stamp; read once at start. */
void wall_clock_read(void);
extern purlin_u64 wall_clock_ns, wall_clock_tsc;

#endif
