/* SPDX-License-Identifier: MIT */
/* Threads; a vCPU (object/vcpu.h) contains one. */
#ifndef OBJECT_THREAD_H
#define OBJECT_THREAD_H

#include "arch/frame.h"
#include "base/call.h"
#include "object/scheduler.h"
#include "object/object.h"
#include "purlin/message.h"

struct endpoint;
struct pd;
struct processor;
struct region;
struct signal;

/*
 * Where a thread is. `link` is its place in the queue of that state:
 * READY a ready queue (unless it is current), CALLING endpoint.callers, AWAITING_REPLY
 * endpoint.served, RECEIVING endpoint.receivers, WAITING signal.waiters.
 */
enum thread_state {
	THREAD_NEW, /* not started */
	THREAD_READY,
	THREAD_CALLING,	       /* its message waits for a receiver */
	THREAD_AWAITING_REPLY, /* `server` has its message */
	THREAD_RECEIVING,
	THREAD_WAITING,	     /* for a signal */
	THREAD_VCPU_WAITING, /* for an event: vcpu_wait */
	THREAD_STOPPED,	     /* ended, faulted or destroyed: never runs again */
};

struct thread {
	struct arch_thread arch; /* first: the entry code finds it there */

	struct object object; /* type THREAD or VCPU */
	struct pd *pd;
	struct list pd_link;

	struct call call;

	/* Scheduling. */
	uint8_t state;	  /* enum thread_state */
	uint8_t lends;	  /* CALLING, AWAITING_REPLY: priority and slice, to the server */
	uint8_t priority; /* in force: its own or lent by a caller */
	uint8_t base_priority;
	uint8_t send_count; /* capabilities of the message under way */
	uint16_t cpu;	    /* for life */
	struct processor *processor;
	uint64_t slice;	      /* arch_time() units */
	uint64_t slice_left;  /* of the current one, when it was taken away; 0: all */
	uint64_t ready_since; /* when it was queued last; a vCPU sets it to 0 when it runs */
	struct list link;

	/* IPC. The message buffer is user memory: read each word once. NULL: none. */
	struct purlin_message *message;
	struct endpoint *endpoint; /* CALLING: where */
	struct thread *server;	   /* AWAITING_REPLY: who has to reply */
	struct thread *client;	   /* who waits for this thread's reply, or NULL */
	uint64_t send_info, send_badge;
	uint32_t send_slot[PURLIN_MESSAGE_CAPS];
	struct signal *bound_signal; /* wakes it from endpoint_receive */
	struct list vcpu_signals;    /* struct signal.vcpu_link */

	struct region *message_region;
} __attribute__((aligned(64)));

/*
 * Fill in a zeroed struct and join the PD; state NEW. The caller has done
 * arch_thread_create() and everything else that can fail.
 */
void thread_init(struct thread *thread, uint8_t type, struct pd *pd, unsigned int cpu,
		 unsigned int priority);
/* A native thread with its message buffer; the arguments but the address were checked. */
status thread_create(struct pd *pd, unsigned int cpu, unsigned int priority,
		     uint64_t message_address, struct thread **created);
/* Never runs again: leaves all queues, both sides of its IPC hear of it. */
void thread_stop(struct thread *thread);

/* An exception nobody handles. The thread is stopped. */
void thread_fault(struct thread *thread, unsigned int vector, uint64_t error, uint64_t rip,
		  uint64_t cr2);

/* What the caller lends to the server while it waits for it. */
unsigned int thread_lent(const struct thread *caller, const struct thread *server);
/* The server's priority while it owes the caller a reply. */
unsigned int thread_priority_serving(const struct thread *caller, const struct thread *server);

OBJECT_OF(thread)

#endif
