/* SPDX-License-Identifier: MIT */
/* What the parts of core share: sessions and claims. */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include <stdbool.h>
#include <stddef.h>

#include "purlin/boot.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "session/core.h"
#include "session/parent.h"

enum service {
	SERVICE_LOG,
	SERVICE_ROM,
	SERVICE_RAM,
	SERVICE_IO_MEM,
	SERVICE_IO_PORT,
	SERVICE_IRQ,
	SERVICE_TIMER,
	SERVICES,
};

struct range {
	purlin_u64 first;
	purlin_u64 count;
};

struct session {
	struct session *next;
	purlin_u64 badge;
	purlin_u64 endpoint; /* slot of the client's capability */
	enum service service;
	char label[PARENT_LABEL_BYTES + 1];
	struct claim *claims;
	unsigned int claim_count;
	purlin_u64 next_id;
	/* IO_MEM, IO_PORT, IRQ */
	bool grant_all;
	purlin_u64 processors; /* a bit for each that may take its messages */
	unsigned int range_count;
	struct range ranges[CORE_GRANT_RANGES];
	/* RAM */
	purlin_u64 account;
	/* Timer */
	purlin_u64 timer;
	purlin_u64 signal;
	/* LOG: the line not yet complete */
	size_t line_bytes;
	char line[160];
};

/* One thing a session holds, with the kernel object that stands for it. */
struct claim {
	struct claim *next;
	purlin_u64 id;
	struct range range; /* empty: overlaps nothing */
	purlin_u64 object;
};

/* main.c: what the kernel handed over. */
extern const struct purlin_boot_info *boot_info;
extern const void *bundle;

/* start_init.c: the endpoint is where init finds its parent. */
purlin_s64 start_init(purlin_u64 endpoint, purlin_u64 watch);
void report_init(void);

/* session.c */
purlin_s64 session_create(purlin_u64 endpoint, struct request *request);
purlin_s64 session_close(purlin_u64 badge);
struct session *session_find(purlin_u64 badge);
extern struct session *sessions;

/*
 * claims.c: claim_possible says, and logs, whether the session may have another claim of any kind,
 * claim_check whether it may have the range, which ends at `limit` at the latest: BAD_ARGUMENT,
 * NO_MEMORY, NO_RIGHT, BUSY or OK. claim_add records an object in `slot` (taken over, destroyed on
 * failure) and replies with id and capability.
 */
bool claim_possible(const struct session *session);
purlin_s64 claim_check(const struct session *session, struct range range, purlin_u64 limit);
purlin_s64 claim_add(struct session *session, struct range range, purlin_u64 slot,
		     struct request *request);
purlin_s64 claim_release(struct session *session, purlin_u64 id);
void claim_release_all(struct session *session);

/* The services: one request of an open session each. */
purlin_s64 io_mem_request(struct session *session, struct request *request);
purlin_s64 io_port_request(struct session *session, struct request *request);
purlin_s64 irq_request(struct session *session, struct request *request);
purlin_s64 ram_request(struct session *session, struct request *request);
purlin_s64 rom_request(struct session *session, struct request *request);
purlin_s64 log_request(struct session *session, struct request *request);
purlin_s64 timer_request(struct session *session, struct request *request);

/* memory.c: the account of a RAM session comes with the request. */
purlin_s64 ram_open(struct session *session, struct request *request);
void ram_close(struct session *session);
/* services.c: ends of LOG and Timer sessions. */
void log_close(struct session *session);
void timer_close(struct session *session);

#endif
