/* SPDX-License-Identifier: MIT */
/* Clients of core's sessions. */
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/io_mem.h"
#include "session/io_port.h"
#include "session/irq.h"
#include "session/ram.h"
#include "session/rom.h"
#include "session/timer.h"

/* A request with words in the message buffer whose reply is an id and a capability. */
static purlin_s64 claim(purlin_u64 session, purlin_u32 operation, unsigned int words,
			purlin_u64 *capability, purlin_u64 *id)
{
	purlin_s64 status = rpc_receive(session, operation, words, capability);

	if (!status)
		*id = message()->word[0];
	return status;
}

static purlin_s64 release(purlin_u64 session, purlin_u32 operation, purlin_u64 id)
{
	message()->word[0] = id;
	return rpc(session, operation, 1);
}

purlin_s64 rom_module(purlin_u64 session, const char *name, purlin_u64 *memory, purlin_u64 *bytes)
{
	message_put_text(0, PURLIN_NAME_BYTES, name);
	return claim(session, ROM_MODULE, PURLIN_NAME_BYTES / 8, memory, bytes);
}

purlin_s64 rom_map(const char *name, const void **data, purlin_u64 *bytes)
{
	purlin_u64 session, memory;
	void *address;
	purlin_s64 status = session_open("ROM", name, &session);

	if (!status)
		status = rom_module(session, name, &memory, bytes);
	if (!status)
		status = memory_map(memory, 0, PAGES_OF(*bytes), PURLIN_MAP_READ, &address);
	if (!status)
		*data = address;
	return status;
}

purlin_s64 ram_allocate(purlin_u64 session, purlin_u64 pages, purlin_u64 flags, purlin_u64 *memory,
			purlin_u64 *id)
{
	message()->word[0] = pages;
	message()->word[1] = flags;
	return claim(session, RAM_ALLOCATE, 2, memory, id);
}

purlin_s64 ram_free(purlin_u64 session, purlin_u64 id)
{
	return release(session, RAM_FREE, id);
}

purlin_s64 ram_info(purlin_u64 session, purlin_u64 *quota, purlin_u64 *used)
{
	purlin_s64 status = rpc(session, RAM_INFO, 0);

	*quota = message()->word[0];
	*used = message()->word[1];
	return status;
}

purlin_s64 io_mem_claim(purlin_u64 session, purlin_u64 address, purlin_u64 pages, purlin_u64 cache,
			purlin_u64 *memory, purlin_u64 *id)
{
	message()->word[0] = address;
	message()->word[1] = pages;
	message()->word[2] = cache;
	return claim(session, IO_MEM_CLAIM, 3, memory, id);
}

purlin_s64 io_mem_release(purlin_u64 session, purlin_u64 id)
{
	return release(session, IO_MEM_RELEASE, id);
}

purlin_s64 io_port_claim(purlin_u64 session, purlin_u64 first, purlin_u64 count, purlin_u64 *ports,
			 purlin_u64 *id)
{
	message()->word[0] = first;
	message()->word[1] = count;
	return claim(session, IO_PORT_CLAIM, 2, ports, id);
}

purlin_s64 io_port_release(purlin_u64 session, purlin_u64 id)
{
	return release(session, IO_PORT_RELEASE, id);
}

purlin_s64 irq_claim(purlin_u64 session, purlin_u64 gsi, purlin_u64 flags, purlin_u64 *irq,
		     purlin_u64 *id)
{
	message()->word[0] = gsi;
	message()->word[1] = flags;
	return claim(session, IRQ_CLAIM, 2, irq, id);
}

purlin_s64 irq_claim_msi(purlin_u64 session, purlin_u64 cpu, purlin_u64 *irq, purlin_u64 *address,
			 purlin_u64 *data, purlin_u64 *id)
{
	purlin_s64 status;

	message()->word[0] = cpu;
	status = claim(session, IRQ_CLAIM_MSI, 1, irq, id);
	if (!status) {
		*address = message()->word[1];
		*data = message()->word[2];
	}
	return status;
}

purlin_s64 irq_remap(purlin_u64 session, purlin_u64 gsi, purlin_u64 entry, purlin_u64 *destination)
{
	purlin_s64 status;

	message()->word[0] = gsi;
	message()->word[1] = entry;
	status = rpc(session, IRQ_REMAP, 2);
	*destination = message()->word[0];
	return status;
}

purlin_s64 irq_release(purlin_u64 session, purlin_u64 id)
{
	return release(session, IRQ_RELEASE, id);
}

purlin_s64 timer_info(purlin_u64 session, purlin_u64 *tsc_hz, purlin_u64 *now)
{
	purlin_s64 status = rpc(session, TIMER_INFO, 0);

	*tsc_hz = message()->word[0];
	*now = message()->word[1];
	return status;
}

/* The badge of the copy limits core to these bits: it cannot notify others. */
purlin_s64 timer_start(purlin_u64 session, purlin_u64 signal, purlin_u64 bits)
{
	purlin_u64 copy;
	purlin_s64 status = slot_copy(signal, PURLIN_RIGHT_WRITE, bits, &copy);

	if (status)
		return status;
	status = rpc_send(session, TIMER_START, 0, copy);
	slot_delete(copy);
	return status;
}

purlin_s64 timer_alarm(purlin_u64 session, purlin_u64 tsc)
{
	return release(session, TIMER_SET, tsc);
}
