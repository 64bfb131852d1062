// SPDX-License-Identifier: MIT
/* I/O ports. */
#include "object/io_port.h"

#include "base/arch.h"
#include "base/call.h"
#include "debug/log.h"
#include "object/pd.h"

#define PORTS_ALL 65536

OBJECT_OF(io_port)

static bool within(const struct io_port *ports, uint64_t first, uint64_t count)
{
	return first >= ports->first && first < ports->first + ports->count &&
	       count <= ports->first + ports->count - first;
}

status io_port_kill(struct object *object)
{
	(void)object;
	/* It holds nothing: ports are only reached by calls that name the object. */
	return PURLIN_OK;
}

CALL_HANDLER(io_port_create)
{
	const struct io_port_create_arguments *arguments = &call->arguments->io_port_create;
	uint32_t first = (uint32_t)arguments->first, count = (uint32_t)arguments->count;
	struct object *object;
	status result;

	if (!arguments->count ||
	    !within(io_port_of(call->object), arguments->first, arguments->count))
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	if (arch_port_reserved((uint16_t)first, count))
		return call_refuse(3, PURLIN_OVERLAP);
	result = call_create(call, call->pd->object.account, PURLIN_TYPE_IO_PORT,
			     sizeof(struct io_port), &object);
	if (result != PURLIN_OK)
		return result;
	io_port_of(object)->first = first;
	io_port_of(object)->count = count;
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
	const struct io_port_in_arguments *arguments = &call->arguments->io_port_in;
	status result = check_access(call->object, arguments->port, arguments->size);

	if (result != PURLIN_OK)
		return result;
	arch_call_result(call->caller, 0,
			 arch_port_in((uint16_t)arguments->port, (unsigned int)arguments->size));
	return PURLIN_OK;
}

CALL_HANDLER(io_port_out)
{
	const struct io_port_out_arguments *arguments = &call->arguments->io_port_out;
	status result = check_access(call->object, arguments->port, arguments->size);

	if (result != PURLIN_OK)
		return result;
	arch_port_out((uint16_t)arguments->port, (unsigned int)arguments->size,
		      (uint32_t)arguments->value);
	return PURLIN_OK;
}

CALL_HANDLER(system_reset)
{
	/* Who holds all ports could reset the machine anyhow; nobody else may. */
	if (io_port_of(call->object)->count != PORTS_ALL)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	log_flush();
	arch_system_reset();
	return PURLIN_OK;
}
