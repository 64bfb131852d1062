/* SPDX-License-Identifier: MIT */
/*
 * A server's loop (in place of the runtime's, by the linker's --wrap) that dies, or has its client
 * die, at the message that the fates have named. The server itself is the one that ships.
 */
#include <stdio.h>
#include <string.h>

#include "die.h"
#include "fate.h"
#include "runtime/addresses.h"
#include "runtime/component.h"
#include "runtime/heap.h"
#include "runtime/rpc.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "seeded.h"
#include "session/parent.h"

/* Of all loops: the platform component has one for each session. */
static purlin_u64 fates, fate, fatal, messages, signals;

void __real_server_loop(const struct server *server);
void __wrap_server_loop(const struct server *server);

/* The fates have let the client die, or it is our turn. */
static void meet(purlin_u64 operation)
{
	message()->word[0] = operation;
	(void)rpc(fates, FATE_MET, 1);
	if (fate == FATE_CLIENT_BEFORE || fate == FATE_CLIENT_AFTER)
		return;
	seeded_at_death();
	(void)die_with_all_threads(fatal);
	component_exit(PARENT_EXIT_RESTART, 0);
}

static bool is_census(const struct request *request)
{
	char label[PARENT_LABEL_BYTES + 1];
	const char *name;

	if (request->operation != SERVER_OPEN)
		return false;
	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	name = strrchr(label, '/');
	return name && !strcmp(name + 1, FATE_CENSUS);
}

/* One at a time: there is one visitor, and it waits for the answer. */
static purlin_s64 take_census(void)
{
	if (!fates && session_open("Fates", "", &fates))
		component_panic("no fates");
	printf("census: %u slots, %u address ranges, %u blocks\n", slots_in_use(),
	       address_ranges_in_use(), heap_blocks_in_use());
	messages = 0;
	signals = 0;
	fate = FATE_NONE;
	if (!rpc(fates, FATE_ASK, 0)) {
		fate = message()->word[0];
		fatal = message()->word[1];
	}
	return PURLIN_NO_DEVICE;
}

static purlin_s64 handle(void *context, struct request *request)
{
	const struct server *real = context;
	purlin_u32 operation = request->operation;
	purlin_u64 number;
	purlin_s64 status;

	if (is_census(request))
		return take_census();
	number = __atomic_add_fetch(&messages, 1, __ATOMIC_RELAXED);
	if (operation == SERVER_CLOSE)
		seeded_at_close();
	if (number == fatal && (fate == FATE_BEFORE || fate == FATE_CLIENT_BEFORE))
		meet(operation);
	status = real->handle(real->context, request);
	if (number == fatal && (fate == FATE_AFTER || fate == FATE_CLIENT_AFTER))
		meet(operation);
	return status;
}

static void signalled(void *context, purlin_u64 bits)
{
	const struct server *real = context;

	if (++signals == fatal && fate == FATE_SIGNAL)
		meet(bits);
	if (real->signalled)
		real->signalled(real->context, bits);
}

void __wrap_server_loop(const struct server *server)
{
	struct server mortal = { server->endpoint, handle, signalled, (void *)server,
				 server->slots };

	__real_server_loop(&mortal);
}
