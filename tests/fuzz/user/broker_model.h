/* SPDX-License-Identifier: MIT */
/* The broker's target: its world, and what a model of it knows of sessions. */
#ifndef TESTS_FUZZ_USER_BROKER_MODEL_H
#define TESTS_FUZZ_USER_BROKER_MODEL_H

#include "fake_kernel.h"

#include "session/offer.h"
#include "session/parent.h"
#include "session/virtio.h"

#define DEVICES 3
#define HZ 1000
#define AWAY (60ull * HZ)
#define OFFERS_BADGE 1
#define CLIENTS_BADGE 2

/* So long each may be away. */
extern const uint64_t away[DEVICES];
extern const char *const services[DEVICES], *const identities[DEVICES];

/* What init has of the broker. */
struct side {
	struct fake_object *endpoint;
	uint64_t badge;
};
extern struct side offers_side, clients_side;

struct offering {
	bool known, present;
	uint64_t type, features, queues, size, bytes, print;
	uint8_t config[VIRTIO_CONFIG_BYTES];
	uint64_t absent; /* since then */
	struct fake_object *doorbell;
};
extern struct offering offerings[DEVICES];

struct lent {
	struct fake_object *memory; /* counted */
	uint64_t address, offset, pages;
};

struct session {
	uint64_t badge; /* 0: none is open */
	bool started, broken;
	uint64_t features, size, pages, since, number;
	struct fake_object *memory, *signal; /* counted */
	unsigned int lent_count;
	struct lent lent[VIRTIO_LENT_PARTS];
};
extern struct session sessions[DEVICES];

/* The Linux that offers. */
struct guest {
	uint64_t badge;
	struct fake_object *signal; /* counted; NULL: it has not started */
};
extern struct guest guest;

extern purlin_u64 fake_tsc;
extern struct input *input;
extern struct fake_object *session_endpoint; /* of all sessions: their badges differ */
extern struct fake_census baseline;

/* A new world, in which the broker begins. */
void model_start(void);
/* Time passes. */
void model_wait(uint64_t ticks);

/* Ask the broker; the status of its answer. */
purlin_s64 call(struct fake_object *endpoint, uint64_t badge, struct fake_message *message);
/* An allocation may fail in the next request; then its answer may say so. */
void fail_sometimes(void);
void fail_never(void);
bool may_fail(void);
bool lacked_memory(purlin_s64 status);

/* Badges of sessions that are over. */
void badge_gone(uint64_t badge);
uint64_t stale_badge(void);
bool badge_lives(uint64_t badge);

/* Linux has to look. */
void must_be_told(void);
/* What the client has lent is the client's alone again. */
void session_over(struct session *session);
struct virtio_control *control_of(const struct session *session);
void must_be_broken(struct session *session);
void linux_gone(void);
void drop(struct fake_object **object);

/* Mostly that, else anything. */
uint64_t mostly(uint64_t usual);
bool is_power_of_two(uint64_t value);
/* Or something else, or with too few rights. */
struct fake_cap some_signal(void);

/* A client lends a part, with sense or without: broker_lend.c. */
void step_client_lend(struct session *session);

/* One request of Linux: broker_linux.c. */
void step_linux(void);

#endif
