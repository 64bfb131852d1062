/* SPDX-License-Identifier: MIT */
/* The UART driver: two lines, a Terminal session each. */
#include <stdio.h>
#include <string.h>

#include "line.h"
#include "log_source.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/server.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/status.h"
#include "session/parent.h"

#define LINES 2
/* Bits of the signal bound to the thread. */
#define BIT_IRQ(line) (1ull << (line))
#define BIT_LOG (1ull << 8)
#define BIT_AGAIN (1ull << 9)
#define BIT_CLIENT(line) (1ull << (16 + (line)))

static struct line lines[LINES] = {
	{ .uart.base = 0x3f8, .carries_log = true, .fresh = true },
	{ .uart.base = 0x2f8, .fresh = true },
};
static const purlin_u64 gsis[LINES] = { 4, 3 };
static purlin_u64 endpoint, own_signal;
static purlin_u64 next_badge = SERVER_PARENT_BADGE + 1;

/*
 * Serve both lines for one turn. If something is left that the chips would take now, the thread
 * notifies itself instead of going on, so that requests and the other line are heard in between.
 */
static void work(void)
{
	bool more = false;

	for (unsigned int i = 0; i < LINES; i++)
		more = line_work(&lines[i]) || more;
	if (more)
		purlin_signal_notify(own_signal, BIT_AGAIN);
}

static void signalled(void *context, purlin_u64 bits)
{
	(void)context;
	for (unsigned int i = 0; i < LINES; i++) {
		/* Before the work: an edge that comes during it must not be lost. */
		if (bits & BIT_IRQ(i))
			purlin_irq_ack(lines[i].irq);
	}
	work();
}

/* The label is "component/label": which line its last part names. */
static struct line *line_of_label(const char *label)
{
	const char *name = strrchr(label, '/');

	name = name ? name + 1 : label;
	if (!strcmp(name, "console"))
		return &lines[0];
	if (!strcmp(name, "exec") || !strcmp(name, "aux"))
		return &lines[1];
	return NULL;
}

static purlin_s64 open(struct request *request)
{
	char label[PARENT_LABEL_BYTES + 1];
	struct line *line;
	purlin_s64 status;

	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	line = line_of_label(label);
	if (!line)
		return PURLIN_NO_DEVICE;
	if (line->badge)
		return PURLIN_BUSY;
	status = server_badge(endpoint, next_badge, &line->endpoint);
	if (status)
		return status;
	line->badge = next_badge++;
	request->reply[0] = line->badge;
	request->reply_words = 1;
	request_reply_cap(request, line->endpoint, false);
	return PURLIN_OK;
}

static struct line *line_of_badge(purlin_u64 badge)
{
	for (unsigned int i = 0; i < LINES; i++) {
		if (badge && lines[i].badge == badge)
			return &lines[i];
	}
	return NULL;
}

static void stop(struct line *line)
{
	memory_unmap(line->shared);
	purlin_object_destroy(line->memory);
	slot_delete(line->memory);
	slot_delete(line->client_signal);
	line->shared = NULL;
}

/* Send first what the client wrote: it may have been its last words. */
static purlin_s64 close(purlin_u64 badge)
{
	struct line *line = line_of_badge(badge);

	if (!line)
		return PURLIN_BAD_ARGUMENT;
	line_drain(line);
	if (line->shared)
		stop(line);
	slot_delete(line->endpoint);
	line->badge = 0;
	return PURLIN_OK;
}

static purlin_s64 flush(void)
{
	for (unsigned int i = 0; i < LINES; i++)
		line_drain(&lines[i]);
	return PURLIN_OK;
}

static purlin_s64 parent_request(struct request *request)
{
	switch (request->operation) {
	case SERVER_OPEN:
		return open(request);
	case SERVER_CLOSE:
		return close(request->word[0]);
	case SERVER_FLUSH:
		return flush();
	default:
		return PURLIN_BAD_CALL;
	}
}

static purlin_s64 start(struct line *line, struct request *request)
{
	purlin_u64 memory_copy, signal_copy;
	void *shared;
	purlin_s64 status;

	if (line->shared)
		return PURLIN_BUSY;
	status = request_signal_check(request);
	if (status)
		return status;
	/* Contiguous, because a guest can attach no other memory. */
	status =
		memory_new_mapped(TERMINAL_PAGES, PURLIN_MEMORY_CONTIGUOUS, &line->memory, &shared);
	if (status)
		return status;
	/* Keep the client's signal: the server loop deletes only what is still in cap[]. */
	line->client_signal = request->cap[0];
	request->cap[0] = 0;
	line->shared = shared;
	line->output_tail = 0;
	line->input_head = 0;
	status = slot_copy(line->memory, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE, 0, &memory_copy);
	if (status)
		goto stop;
	request_reply_cap(request, memory_copy, true);
	status = slot_copy(own_signal, PURLIN_RIGHT_WRITE, BIT_CLIENT(line - lines), &signal_copy);
	if (status)
		goto stop;
	request_reply_cap(request, signal_copy, true);
	work();
	return PURLIN_OK;
stop:
	stop(line);
	return status;
}

static purlin_s64 handle(void *context, struct request *request)
{
	struct line *line = line_of_badge(request->badge);

	(void)context;
	if (request->badge == SERVER_PARENT_BADGE)
		return parent_request(request);
	if (line && request->operation == TERMINAL_START)
		return start(line, request);
	return line ? PURLIN_BAD_CALL : PURLIN_DEAD;
}

static purlin_s64 start_line(struct line *line, purlin_u64 io_ports, purlin_u64 irqs,
			     unsigned int index)
{
	purlin_u64 id;
	purlin_s64 status = io_port_claim(io_ports, line->uart.base, 8, &line->uart.ports, &id);

	if (status || !uart_start(&line->uart))
		return status;
	status = irq_claim(irqs, gsis[index], 0, &line->irq, &id);
	if (!status)
		status = purlin_irq_bind(line->irq, own_signal, BIT_IRQ(index));
	line->present = !status;
	return status;
}

static purlin_s64 start_all(void)
{
	purlin_u64 io_ports, irqs;
	purlin_s64 status;

	endpoint = slot_reserve();
	own_signal = slot_reserve();
	status = purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoint);
	if (!status)
		status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, own_signal);
	if (!status)
		status = purlin_thread_bind_signal(PURLIN_SLOT_THREAD, own_signal);
	if (!status)
		status = session_open("IO_PORT", "uart", &io_ports);
	if (!status)
		status = session_open("IRQ", "uart", &irqs);
	/* This makes the kernel give up COM1; before, its ports cannot be claimed. */
	if (!status)
		status = log_source_start(own_signal, BIT_LOG);
	for (unsigned int i = 0; !status && i < LINES; i++)
		status = start_line(&lines[i], io_ports, irqs, i);
	if (!status)
		status = session_announce("Terminal", endpoint);
	return status;
}

int component_main(purlin_u64 argument)
{
	struct server server = { endpoint, handle, signalled, NULL, NULL };
	purlin_s64 status = start_all();
	purlin_u64 sequence;

	(void)argument;
	if (status) {
		/* The kernel has to drive COM1 again, or nobody could read why. */
		purlin_log_uart(PURLIN_SLOT_LOG, 0, &sequence);
		component_panic("cannot start: %s", status_text(status));
	}
	server.endpoint = endpoint;
	work();
	server_loop(&server);
	return 1;
}
