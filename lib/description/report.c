/* SPDX-License-Identifier: MIT */
/* Telling what is wrong, and where. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

static void tell(struct reader *reader, int node, const char *property, const char *format,
		 va_list arguments)
{
	char path[256] = "/";
	char reason[256];

	reader->errors++;
	if (node >= 0)
		fdt_get_path(reader->tree, node, path,
			     sizeof(path) - 1); /* a cut path has no end */
	vsnprintf(reason, sizeof(reason), format, arguments);
	if (reader->target->error)
		reader->target->error(reader->target->context, path, property, reason);
}

void report_node(struct reader *reader, int node, const char *property, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(reader, node, property, format, arguments);
	va_end(arguments);
}

void report_property(const struct property *property, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	tell(property->reader, property->node, property->name, format, arguments);
	va_end(arguments);
}
