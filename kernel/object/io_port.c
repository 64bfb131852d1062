// SPDX-License-Identifier: MIT
/* I/O ports. */
#include "object/io_port.h"

#include "base/arch.h"
#include "core/call.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/thread.h"

#define PORTS_ALL 65536

static struct io_port *io_port_of(struct object *object)
{
	return container_of(object, struct io_port, object);
}

static bool within(const struct io_port *ports, uint64_t first, uint64_t count)
{
	return first >= ports->first && first < ports->first + ports->count &&
	       count <= ports->first + ports->count - first;
}

status io_port_kill(struct object *object)
{
	(void)object;
	return PURLIN_OK;
}

CALL_HANDLER(io_port_create)
{
	struct account *account = caller->object.account;
	uint64_t first = arguments[2], number = arguments[3];
	struct capability *slot;
	struct io_port *ports;
	status result = capability_slot(caller, arguments[1], &slot);

	CALL_UNUSED(capability);
	if (result != PURLIN_OK)
		return call_refuse(2, result);
	if (number == 0 || !within(io_port_of(object), first, number))
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (arch_port_reserved((uint16_t)first, (uint32_t)number))
		return call_refuse(3, PURLIN_OVERLAP);
	ports = account_allocate(account, sizeof(*ports));
	if (!ports)
		return PURLIN_NO_MEMORY;
	ports->first = (uint32_t)first;
	ports->count = (uint32_t)number;
	object_init(&ports->object, PURLIN_TYPE_IO_PORT, account);
	capability_fill(slot, &ports->object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

static status check_access(struct object *object, uint64_t port, uint64_t size)
{
	if (size != 1 && size != 2 && size != 4)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (!within(io_port_of(object), port, size))
		return call_refuse(2, PURLIN_BAD_ARGUMENT);
	return PURLIN_OK;
}

CALL_HANDLER(io_port_in)
{
	status result = check_access(object, arguments[1], arguments[2]);

	CALL_UNUSED(capability);
	if (result != PURLIN_OK)
		return result;
	arch_call_result(caller, 0,
			 arch_port_in((uint16_t)arguments[1], (unsigned int)arguments[2]));
	return PURLIN_OK;
}

CALL_HANDLER(io_port_out)
{
	status result = check_access(object, arguments[1], arguments[2]);

	CALL_UNUSED(caller);
	CALL_UNUSED(capability);
	if (result != PURLIN_OK)
		return result;
	arch_port_out((uint16_t)arguments[1], (unsigned int)arguments[2], (uint32_t)arguments[3]);
	return PURLIN_OK;
}

CALL_HANDLER(system_reset)
{
	CALL_UNUSED(caller);
	CALL_UNUSED(arguments);
	CALL_UNUSED(capability);
	if (io_port_of(object)->count != PORTS_ALL)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	log_flush();
	arch_system_reset();
	return PURLIN_OK;
}
