/* SPDX-License-Identifier: MIT */
/* Its device asserts the line, and it acks never, or without serving the device. */
#include <stdio.h>

#include "line.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "session/parent.h"

static struct edu edu;
static purlin_u64 endpoint;

static purlin_s64 open_session(struct request *request)
{
	purlin_u64 slot;
	purlin_s64 status = server_badge(endpoint, SERVER_PARENT_BADGE + 1, &slot);

	if (status)
		return status;
	request_reply_word(request, SERVER_PARENT_BADGE + 1);
	request_reply_cap(request, slot, true);
	return PURLIN_OK;
}

static purlin_s64 serve(void)
{
	uint32_t causes = edu_read(&edu, EDU_INTERRUPT_STATUS);

	edu_write(&edu, EDU_ACKNOWLEDGE, causes);
	(void)purlin_irq_ack(edu.irq);
	edu_write(&edu, EDU_RAISE, 1);
	return edu_wait(&edu, 1000) ? PURLIN_OK : PURLIN_DEAD;
}

static purlin_s64 handle(void *context, struct request *request)
{
	(void)context;
	switch (request->operation) {
	case SERVER_OPEN:
		return open_session(request);
	case LINE_ACK:
		for (purlin_u64 i = 0; i < request->word[0]; i++)
			(void)purlin_irq_ack(edu.irq);
		return PURLIN_OK;
	case LINE_SERVE:
		return serve();
	default:
		return PURLIN_OK;
	}
}

int component_main(purlin_u64 argument)
{
	struct server loop = { .handle = handle };
	purlin_u64 bits;

	(void)argument;
	if (!line_start(&edu))
		return 1;
	edu_write(&edu, EDU_RAISE, 1);
	(void)purlin_signal_wait(edu.signal, &bits);
	printf("asserts the line, and does not ack\n");
	if (server_announce(LINE_SERVICE, &endpoint))
		return 1;
	loop.endpoint = endpoint;
	server_loop(&loop);
	return 1;
}
