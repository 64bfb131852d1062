/* SPDX-License-Identifier: MIT */
/*
 * The kernel as one component sees it, for fuzzing servers on the host: capabilities, accounts,
 * objects and messages with the ABI's errors; no time, no scheduling. The component's threads are
 * fibers. What it calls is answered by a function of the target (an endpoint with `answer`); what
 * it serves is called by the target through fake_call.
 */
#ifndef TESTS_FUZZ_USER_FAKE_KERNEL_H
#define TESTS_FUZZ_USER_FAKE_KERNEL_H

#include "blocks.h"

#include <stdarg.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "purlin/message.h"

struct fake_object;

struct fake_cap {
	struct fake_object *object; /* NULL: empty; else counted in object->references */
	uint64_t rights;
	uint64_t badge;
};

/* A message under way, in either direction. */
struct fake_message {
	uint64_t badge;
	uint32_t label;
	unsigned int words, caps;
	uint64_t word[PURLIN_MESSAGE_WORDS];
	struct fake_cap cap[PURLIN_MESSAGE_CAPS];
	bool answered; /* it is the reply */
};

/* Turns a request into its reply. False: no answer; the caller waits for ever. */
typedef bool fake_answer(struct fake_object *endpoint, struct fake_message *message);

struct fake_object {
	struct fake_object *next; /* of all there are */
	unsigned int type;	  /* PURLIN_TYPE_* */
	unsigned int references;  /* capabilities, and what the object is bound to */
	bool dead;
	struct fake_object *account; /* pays `charge` pages; NULL: nobody */
	uint64_t charge;
	uint64_t first, count;	   /* range, pages, GSI */
	uint64_t limit, used;	   /* accounts */
	uint64_t bits;		   /* signals: set; watch: what to notify */
	struct fake_object *bound; /* irq, timer, pd: the signal */
	uint64_t claim;		   /* what core lent: its number in the session */
	uint64_t owner;		   /* fake_owner when it was created */
	unsigned int pins, maps;
	uint8_t *data;		/* memory: its pages, once somebody attached it */
	struct fake_cap *table; /* PDs */
	unsigned int slots;
	fake_answer *answer;
	void *context;
};

/* A new world: a PD with so many slots, its account, and what core has in addition. */
void fake_start(unsigned int slots, uint64_t pages);
/* All of it goes: threads, objects. */
void fake_end(void);

/* Objects. New ones have one reference: the caller's. */
struct fake_object *fake_new(unsigned int type);
void fake_destroy(struct fake_object *object);
void fake_take(struct fake_object *object);
void fake_drop(struct fake_object *object);
struct fake_cap fake_cap_of(struct fake_object *object, uint64_t rights, uint64_t badge);
void fake_cap_drop(struct fake_cap *cap);
/* Put a capability into a slot of the component; the reference goes along. */
void fake_give(uint64_t slot, struct fake_cap cap);
struct fake_cap *fake_slot(struct fake_object *pd, uint64_t slot);
/* The live object of that type in a slot of the component, if it has the rights. */
purlin_s64 fake_look_up(uint64_t slot, unsigned int type, uint64_t rights,
			struct fake_object **object);

extern struct fake_object *fake_self; /* the component's PD */
extern struct fake_object *fake_objects;
extern uint64_t fake_owner;	   /* noted in what is created */
extern unsigned int fake_failures; /* so many creations from now one fails; 0: none */
bool fake_fails(void);

/* What the component has: capabilities in its table, slots its runtime thinks are in use, objects.
 */
struct fake_census {
	unsigned int caps, slots, objects;
	uint64_t pages;
};
struct fake_census fake_count(void);

/* Create and put into a slot, as all creating calls do. */
purlin_s64 fake_create(uint64_t account_slot, uint64_t slot, unsigned int type, uint64_t pages,
		       struct fake_object **object);

/* Fibers. */
void fake_thread_start(void (*entry)(void *), void *argument);
void fake_run(void);	      /* until all threads wait */
uint64_t fake_priority(void); /* of the thread that runs; the target's own is the highest */
/* All alarms that are set go off. False: there was none. */
bool fake_time_passes(void);

/* Send to who receives at the endpoint and take the reply. False: nobody receives or replies. */
bool fake_call(struct fake_object *endpoint, struct fake_message *message);
/* The same, but the reply may come later, when fake_run goes on; the message has to stay until
 * then. False: nobody receives. */
bool fake_post(struct fake_object *endpoint, struct fake_message *message);
void fake_message_drop(struct fake_message *message);

/* Hooks of the target. */
extern uint64_t (*fake_port_in)(uint64_t port, unsigned int size);
extern void (*fake_port_out)(uint64_t port, unsigned int size, uint64_t value);
extern void (*fake_entered)(uint64_t badge); /* a thread goes on that serves, or served, this one */
extern void (*fake_notified)(struct fake_object *signal, uint64_t bits);
extern purlin_s64 (*fake_log_read)(uint64_t sequence, uint64_t *bytes, uint64_t *next);

/* Lines the component printed: text only, each of them checked. */
extern unsigned int fake_lines;
int fake_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int fake_vprintf(const char *format, va_list arguments);

/* In place of calloc: may fail. */
void *fake_calloc(size_t count, size_t bytes);

#endif
