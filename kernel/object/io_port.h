/* SPDX-License-Identifier: MIT */
/* Ranges of I/O ports. */
#ifndef OBJECT_IO_PORT_H
#define OBJECT_IO_PORT_H

#include "object/object.h"

struct io_port {
	struct object object;
	uint32_t first, count;
};

status io_port_kill(struct object *object);

#endif
