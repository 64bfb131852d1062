/* SPDX-License-Identifier: MIT */
/*
 * The platform component dies while a device writes to its owner's memory. What the device reaches
 * must stay until the next one has silenced it; what it does not reach, which is as much, must not.
 */
#include <stdbool.h>

#include "../check.h"
#include "keeper.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

/* By then heaps and tables of init and core have grown. */
#define FIRST_LIFE 2
/* Of QEMU's q35. */
#define TABLES 0xf0000
#define TABLES_PAGES 16
#define CONFIGURATION 0xb0000000
#define POWER_PORTS 0x600

static purlin_u64 endpoint, next_badge = SERVER_PARENT_BADGE + 1, owner_badge;
static purlin_u64 die, begin; /* signals of the platform component, 0: it has not come yet */
static purlin_u64 at_birth[KEEPER_LIVES], at_death, between;
static unsigned int lives;
static bool owner_gone;

static purlin_u64 free_pages(void)
{
	purlin_u64 pages = 0;

	(void)purlin_trace_counter(PURLIN_SLOT_LOG, PURLIN_COUNTER_FREE_PAGES, &pages);
	return pages;
}

static void check_least(const char *what, purlin_u64 value, purlin_u64 least)
{
	check_equal(what, value >= least ? least : value, least);
}

static void check_below(const char *what, purlin_u64 value, purlin_u64 limit)
{
	check_equal(what, value < limit ? limit : value, limit);
}

/* They were granted by mistake, and the platform component is not there: it has to find them. */
static void take_what_is_not_ours(void)
{
	purlin_u64 io_mem, io_port, object, id;

	if (session_open("IO_MEM", "", &io_mem) || session_open("IO_PORT", "", &io_port))
		component_panic("no session of core");
	check_status("the firmware's tables",
		     io_mem_claim(io_mem, TABLES, TABLES_PAGES, PURLIN_MAP_UNCACHED, &object, &id),
		     PURLIN_BUSY);
	check_status("configuration space",
		     io_mem_claim(io_mem, CONFIGURATION, 1, PURLIN_MAP_UNCACHED, &object, &id),
		     PURLIN_BUSY);
	check_status("ports of power management",
		     io_port_claim(io_port, POWER_PORTS, 8, &object, &id), PURLIN_BUSY);
}

/* Both are over, the owner and the platform component; the next one waits. */
static void look(void)
{
	if (!owner_gone || !begin)
		return;
	if (lives == 1)
		take_what_is_not_ours();
	between = free_pages();
	check_least("pages come back that no device reaches", between - at_death, PINNED_PAGES);
	check_below("pages stay that a device reaches", between - at_death,
		    2 * PINNED_PAGES - OTHER_PAGES);
	purlin_signal_notify(begin, 1);
	owner_gone = false;
}

static purlin_s64 open(struct request *request)
{
	purlin_u64 session;
	purlin_s64 status = server_badge(endpoint, next_badge, &session);

	if (status)
		return status;
	request_reply_word(request, next_badge++);
	request_reply_cap(request, session, true);
	return PURLIN_OK;
}

static purlin_s64 close(purlin_u64 badge)
{
	if (badge == owner_badge) {
		owner_gone = true;
		look();
	}
	return PURLIN_OK;
}

static void tell(void)
{
	for (unsigned int i = FIRST_LIFE + 1; i < KEEPER_LIVES; i++)
		check_equal("pages free at another life", at_birth[i], at_birth[FIRST_LIFE]);
	check_sum();
}

static purlin_s64 born(struct request *request)
{
	owner_badge = request->badge;
	request_reply_word(request, lives);
	at_birth[lives] = free_pages();
	if (lives)
		check_least("pages come back when all is silent", at_birth[lives] - between,
			    PINNED_PAGES - OTHER_PAGES);
	if (++lives == KEEPER_LIVES)
		tell();
	return PURLIN_OK;
}

static purlin_s64 kill(void)
{
	at_death = free_pages();
	purlin_signal_notify(die, 1);
	slot_delete(die);
	slot_delete(begin);
	die = begin = 0;
	return PURLIN_OK;
}

static purlin_s64 arm(struct request *request)
{
	if (request->caps != 2)
		return PURLIN_BAD_CAPABILITY;
	die = request->cap[0];
	begin = request->cap[1];
	request->cap[0] = request->cap[1] = 0;
	if (lives)
		look();
	else
		purlin_signal_notify(begin, 1);
	return PURLIN_OK;
}

static purlin_s64 handle(void *context, struct request *request)
{
	(void)context;
	switch (request->operation) {
	case SERVER_OPEN:
		return open(request);
	case SERVER_CLOSE:
		return close(request->word[0]);
	case KEEPER_BORN:
		return born(request);
	case KEEPER_KILL:
		return kill();
	case KEEPER_ARM:
		return arm(request);
	default:
		return PURLIN_BAD_CALL;
	}
}

int component_main(purlin_u64 argument)
{
	struct server server = { .handle = handle };

	(void)argument;
	if (server_announce("Keeper", &endpoint))
		return 1;
	server.endpoint = endpoint;
	server_loop(&server);
	return 1;
}
