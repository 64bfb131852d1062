/* SPDX-License-Identifier: MIT */
/* What the parts of init share: the description, and the state of every component. */
#ifndef INIT_STATE_H
#define INIT_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/description/description.h"
#include "purlin/boot.h"
#include "purlin/vcpu.h"
#include "runtime/lock.h"
#include "runtime/log_budget.h"
#include "session/parent.h"
#include "session/virtio.h"

#define MOST_SESSIONS 32 /* of one component */
#define COMPONENT_MEMORIES 24
/*
 * Bits of a component's watch. A bit may come twice or late, so whoever sees one looks at the state
 * that it stands for.
 */
#define WATCH_ENDED 1	/* a thread of the component ended, or its guest was stopped */
#define WATCH_CHANGED 2 /* state of some component */
#define WATCH_ANSWER 4	/* of a server */
#define WATCH_LATE 8	/* the time to wait for an answer is over */
#define WATCH_BEAT 16	/* time to check whether it hangs */
#define WATCH_DEVICE 32 /* a device has come that its rules match */
#define SUPERVISOR_PRIORITY 48
#define ALL_BUT_DESTROY (PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY)
#define MIB (1ul << 20)

enum component_state {
	COMPONENT_STARTING, /* for the first time or again; whoever needs it waits */
	COMPONENT_RUNNING,
	COMPONENT_ENDED, /* for good */
};

struct question;
struct addition;

struct announced {
	char service[PARENT_SERVICE_BYTES + 1];
	purlin_u64 endpoint; /* slot */
};

/* What a processor of a component has: slots, 0: not there. */
struct component_processor {
	purlin_u64 thread;			/* thread or vCPU */
	purlin_u64 signals[PURLIN_EVENT_WORDS]; /* of a vCPU, bound to its pending[] */
	/* For watchdog.c, of a vCPU: nanoseconds. */
	purlin_u64 deaf;  /* that it has run since it was asked for a sign of life */
	purlin_u64 steal; /* as it was when it was looked at last */
};

/* A device session of a Linux, of which init is the client: device_sessions.c. */
/* A part of a Linux's RAM, as its device sessions lend it (VIRTIO_LEND). */
struct lent_part {
	purlin_u64 address; /* guest-physical */
	purlin_u64 offset, pages;
	unsigned int piece; /* index of the memory object in component.memory */
};

struct device_session {
	const struct description_session *wanted;
	purlin_u64 memory;     /* slot of what it lends; 0: there is no session */
	purlin_u64 answers;    /* slot of the guest's event, as the server notifies it */
	purlin_u64 notify;     /* guest's slot of the server's signal */
	purlin_u64 generation; /* of the server's life that it is started with */
	bool over;	       /* for good, and the guest has been told */
	/* What it was started with: a server that comes back has to have the same. */
	purlin_u64 features, queues, queue_size;
	purlin_u64 identity[VIRTIO_IDENTITY_BYTES / 8];
};

/* Its Control sessions: control.c. Slots, 0: its description names nobody in `control`. */
struct control {
	purlin_u64 endpoint;
	purlin_u64 changed; /* signal: state of some component */
	/* For the thread that serves them. */
	purlin_u64 slots[PURLIN_MESSAGE_CAPS]; /* for what requests bring */
	purlin_u64 watch;		       /* slot of the client's signal, if there is one */
	bool watched;
	purlin_u64 generation; /* of the client, when it gave that */
	purlin_u64 since;      /* TSC: up to then acts have come back */
	unsigned int spent;    /* acts */
	/* For add.c: NULL, and 0, if its description has no `adds`. */
	struct addition *addition;
	purlin_u64 budget; /* account of the components that it adds */
};

/*
 * An open session, for readers without a lock: session_table.c. What was read is right if the stamp
 * is the same before and after.
 */
struct session_row {
	purlin_u64 stamp;      /* 0: no session */
	int server;	       /* index, or DESCRIPTION_CORE */
	purlin_u64 generation; /* of the server's life */
	purlin_u64 service[DESCRIPTION_NAME_BYTES / 8], label[DESCRIPTION_NAME_BYTES / 8];
};

struct component {
	/* NULL: there is no such component yet. */
	const struct component_description *description;
	purlin_u64 payer; /* slot of the account that its memory comes from */
	/* For admit.c: what its index has got. */
	bool supervised;
	bool asked; /* by workers, which are there */
	/* For its supervisor only. */
	purlin_u64 endpoint; /* the component's parent */
	purlin_u64 watch;    /* signal: WATCH_* */
	purlin_u64 timer;
	purlin_u64 beat;	 /* timer of its watchdog; 0: it has none */
	purlin_u64 looked;	 /* TSC: when it looked last */
	unsigned int sign;	 /* number of the event that asks for a sign of life */
	bool ended;		 /* seen while its supervisor waited for something else */
	bool device_told;	 /* likewise: WATCH_DEVICE */
	bool device_awaited;	 /* it is started when a device comes: on_device.c */
	purlin_u64 device_asked; /* generation of the server that tells of it; 0: none yet */
	purlin_u64 account, pd;	 /* slots, 0: not there */
	unsigned int memory_count;
	purlin_u64 memory[COMPONENT_MEMORIES]; /* slots: program, or pieces of a Linux's RAM */
	/* The first is what a native component starts with; a Linux has one for each vCPU. */
	struct component_processor processors[DESCRIPTION_VCPUS];
	purlin_u64 kept; /* slot of the memory that outlives its lives; 0: not asked for yet */
	purlin_u64 ram_account; /* of its RAM sessions; made by the first */
	/* For ram_target.c: of a Linux with `memory-most`. */
	purlin_u64 ram_changed; /* bytes more or less than its `ram-quota`; by Control sessions */
	purlin_u64 ram_granted; /* bytes; for all supervisors, by its lock */
	purlin_u64 ram_told;	/* bytes: what it was answered */
	purlin_u64 ram_used;	/* bytes: what it had then */
	purlin_u64 ram_watch;	/* slot of its signal for another answer; 0: it has none */
	unsigned int session_count;
	unsigned int device_session_count; /* of these */
	struct question *sessions;	   /* the latest first */
	purlin_u64 session_stamp;	   /* the latest in session_rows */
	struct session_row session_rows[MOST_SESSIONS];
	purlin_u64 sessions_watch; /* slot of its signal for servers that end; 0: it has none */
	struct question *held;	   /* of earlier lives, see route_close_all */
	unsigned int device_count;
	struct device_session devices[DESCRIPTION_SESSIONS];
	unsigned int lent_count; /* 0: its sessions lend no RAM */
	struct lent_part lent[VIRTIO_LENT_PARTS];
	struct log_budget log_budget;
	unsigned int restarts;
	struct log_budget forgiveness; /* of restarts, by Control sessions */
	purlin_u64 started;	       /* TSC */
	struct control control;
	/*
	 * Acts on the component, exchanged atomically: which is wanted, and by whom; which is being
	 * done.
	 */
	unsigned int wanted_act;
	bool acting;
	/* Under state_lock. */
	enum component_state state;
	purlin_u64 generation; /* counts its starts */
	purlin_u64 lives_lost; /* that ended after they had announced something */
	unsigned int announced_count;
	struct announced announced[DESCRIPTION_PROVIDES];
	unsigned int closing; /* sessions of its earlier lives whose servers have not answered */
};

extern struct description description;
extern struct component components[DESCRIPTION_COMPONENTS];
extern struct lock state_lock;

/*
 * control.c shows these words while supervisors change them: it reads each word once, and words
 * need not agree.
 */
#define SHOWN(field) __atomic_load_n(&(field), __ATOMIC_SEQ_CST)

/* How many there are. One that is added comes last, and is complete when it is counted. */
unsigned int component_count(void);
/* Something under state_lock has changed: make every supervisor look again. */
void tell_all(void);
/* The same for those who watch by a Control session. */
void tell_controllers(void);
/* Slot of a server's endpoint for a service, or 0. State lock held. */
purlin_u64 announced_endpoint(const struct component *server, const char *service);

#endif
