/* SPDX-License-Identifier: MIT */
/*
 * IO_MEM, IO_PORT and IRQ: what the hardware has once. Each kind is a number space, in which a
 * range belongs to one session at a time; claims.c keeps the books for all three.
 */
#include "boot_data.h"
#include "claims.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"
#include "service.h"
#include "session/io_mem.h"
#include "session/io_port.h"
#include "session/irq.h"

/* One past the last there can be, whatever this machine has. */
#define PAGES_END (1ull << 52)
#define PORTS_END (1ull << 16)
#define LINES_END (1ull << 32)

/* What the system description grants (session/core.h). */
static purlin_s64 take_grants(struct session *session, struct request *request,
			      const purlin_u64 *argument)
{
	(void)request;
	/* The words come from init, but anybody may have written the description that it read them
	 * from. */
	if (argument[1] > CORE_GRANT_RANGES)
		return PURLIN_BAD_ARGUMENT;
	session->grant_all = argument[0] & CORE_GRANT_ALL;
	session->range_count = (unsigned int)argument[1];
	session->processors = argument[2];
	for (unsigned int i = 0; i < session->range_count; i++) {
		session->ranges[i].first = argument[3 + 2 * i];
		session->ranges[i].count = argument[4 + 2 * i];
	}
	return PURLIN_OK;
}

/* The common end of all claims: the kernel has made the object in `slot`, or said why not. */
static purlin_s64 finish(struct session *session, struct range range, purlin_u64 slot,
			 purlin_s64 status, struct request *request)
{
	if (!status)
		return claim_add(session, range, slot, request);
	slot_release(slot);
	return status;
}

static purlin_s64 claim_memory(struct session *session, struct request *request)
{
	struct range range = { request->word[0] / PURLIN_PAGE_SIZE, request->word[1] };
	purlin_u64 slot;
	purlin_s64 status;

	if (request->word[0] % PURLIN_PAGE_SIZE)
		return PURLIN_BAD_ARGUMENT;
	status = claim_check(session, range, PAGES_END);
	if (status)
		return status;
	slot = slot_reserve();
	status = purlin_memory_create_physical(PURLIN_SLOT_PHYSICAL_ROOT, slot, request->word[0],
					       range.count, request->word[2]);
	return finish(session, range, slot, status, request);
}

/* The granted ranges and the claims of IO_MEM count pages. */
static purlin_s64 io_mem_request(struct session *session, struct request *request)
{
	switch (request->operation) {
	case IO_MEM_CLAIM:
		return claim_memory(session, request);
	case IO_MEM_RELEASE:
		return claim_release(session, request->word[0]);
	default:
		return PURLIN_BAD_CALL;
	}
}

const struct service service_io_mem = {
	.noun = "I/O memory page",
	.open = take_grants,
	.request = io_mem_request,
};

static purlin_s64 claim_ports(struct session *session, struct request *request)
{
	struct range range = { request->word[0], request->word[1] };
	purlin_u64 slot;
	purlin_s64 status = claim_check(session, range, PORTS_END);

	if (status)
		return status;
	slot = slot_reserve();
	status = purlin_io_port_create(PURLIN_SLOT_IO_PORTS, slot, range.first, range.count);
	return finish(session, range, slot, status, request);
}

static purlin_s64 io_port_request(struct session *session, struct request *request)
{
	switch (request->operation) {
	case IO_PORT_CLAIM:
		return claim_ports(session, request);
	case IO_PORT_RELEASE:
		return claim_release(session, request->word[0]);
	default:
		return PURLIN_BAD_CALL;
	}
}

const struct service service_io_port = {
	.noun = "I/O port",
	.open = take_grants,
	.request = io_port_request,
};

static purlin_s64 claim_line(struct session *session, struct request *request)
{
	struct range range = { request->word[0], 1 };
	purlin_u64 slot;
	purlin_s64 status;

	if (range.first >= LINES_END)
		return PURLIN_NO_DEVICE;
	status = claim_check(session, range, LINES_END);
	if (status)
		return status;
	slot = slot_reserve();
	status = purlin_irq_create_gsi(PURLIN_SLOT_IRQ_ROOT, slot, range.first, request->word[1]);
	return finish(session, range, slot, status, request);
}

static purlin_s64 claim_msi(struct session *session, struct request *request)
{
	static const struct range nothing;
	purlin_u64 slot;
	purlin_s64 status;

	/* A description has no words for single messages, so only those with everything get one. */
	if (!session->grant_all)
		return PURLIN_NO_RIGHT;
	/* The kernel refuses processors that do not exist, with a status of its own. */
	if (request->word[0] < boot_info->cpu_count &&
	    !(session->processors >> request->word[0] & 1))
		return PURLIN_NO_RIGHT;
	slot = slot_reserve();
	status = purlin_irq_create_msi(PURLIN_SLOT_IRQ_ROOT, slot, request->word[0],
				       &request->reply[1], &request->reply[2]);
	request->reply_words = 3;
	return finish(session, nothing, slot, status, request);
}

static purlin_s64 remap_lines(struct session *session, struct request *request)
{
	if (!session->grant_all)
		return PURLIN_NO_RIGHT;
	request->reply_words = 1;
	return purlin_irq_remap(PURLIN_SLOT_IRQ_ROOT, request->word[0], request->word[1],
				&request->reply[0]);
}

static purlin_s64 irq_request(struct session *session, struct request *request)
{
	switch (request->operation) {
	case IRQ_CLAIM:
		return claim_line(session, request);
	case IRQ_CLAIM_MSI:
		return claim_msi(session, request);
	case IRQ_REMAP:
		return remap_lines(session, request);
	case IRQ_RELEASE:
		return claim_release(session, request->word[0]);
	default:
		return PURLIN_BAD_CALL;
	}
}

const struct service service_irq = {
	.noun = "interrupt line",
	.open = take_grants,
	.request = irq_request,
};
