/* SPDX-License-Identifier: MIT */
/* The part of the server loop that request handlers use, and what service.c does. */
#include "fake_server.h"

#include "drivers/platform/turn.h"
#include "fake_core.h"
#include "fake_pci.h"
#include "runtime/server.h"

struct pci_server server;

void server_begin(const struct dma_domain_type *dma)
{
	fake_core_clear();
	fake_pci_clear();
	server = (struct pci_server){ .dma = dma };
}

int server_clean(void **state)
{
	(void)state;
	while (server.sessions)
		close_session(&server, server.sessions->badge);
	return 0;
}

void request_reply_cap(struct request *request, purlin_u64 slot, bool temporary)
{
	request->reply_cap[request->reply_caps].slot = slot;
	request->reply_cap[request->reply_caps].temporary = temporary;
	request->reply_caps++;
}

purlin_s64 fake_signal_status;

purlin_s64 request_signal_check(const struct request *request)
{
	return request->caps ? fake_signal_status : PURLIN_BAD_CAPABILITY;
}

purlin_s64 open_session(struct pci_server *of, purlin_u64 badge, const char *label,
			const purlin_u64 *words, unsigned int count)
{
	struct pci_session *session;
	purlin_s64 status = pci_session_new(of, badge, label, words, count, &session);

	if (status)
		return status;
	status = pci_session_start(session);
	if (status)
		pci_session_end(of, session);
	return status;
}

bool close_session(struct pci_server *of, purlin_u64 badge)
{
	struct pci_session *session = pci_session_find(of, badge);

	if (session)
		pci_session_end(of, session);
	return session != NULL;
}

void turn_pause(uint64_t nanoseconds)
{
	(void)nanoseconds;
	if (fake_on_sleep)
		fake_on_sleep();
}
