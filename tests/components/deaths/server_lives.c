/* SPDX-License-Identifier: MIT */
/* A server as it ships that says what it holds whenever a session is opened: of a client's life
 * before, nothing may be left. */
#include "census.h"
#include "runtime/server.h"
#include "seeded.h"
#include "session/parent.h"

void __real_server_loop(const struct server *server);
void __wrap_server_loop(const struct server *server);

static purlin_s64 handle(void *context, struct request *request)
{
	const struct server *real = context;

	if (request->operation == SERVER_OPEN)
		census_tell();
	if (request->operation == SERVER_CLOSE)
		seeded_at_close();
	return real->handle(real->context, request);
}

static void signalled(void *context, purlin_u64 bits)
{
	const struct server *real = context;

	if (real->signalled)
		real->signalled(real->context, bits);
}

void __wrap_server_loop(const struct server *server)
{
	struct server counted = { server->endpoint, handle, signalled, (void *)server,
				  server->slots };

	__real_server_loop(&counted);
}
