// SPDX-License-Identifier: MIT
/* The platform component's log, printed. */
#include <stdarg.h>
#include <stdio.h>

#include "drivers/platform/hardware.h"

void hardware_log(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}

void hardware_log_for(const char *source, const char *format, ...)
{
	va_list arguments;

	(void)source;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}
