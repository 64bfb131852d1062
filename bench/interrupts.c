// SPDX-License-Identifier: MIT
/* What Linux says of interrupts: /proc/interrupts. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ubench.h"

#define LINE 512

/* "  16:   123   PCI-MSI ...": lines of devices begin with a number, the processor's own do not. */
static uint64_t line_count(const char *line)
{
	char *rest;

	line += strspn(line, " ");
	if (!isdigit((unsigned char)*line) || strstr(line, "timer"))
		return 0;
	strtoul(line, &rest, 10);
	return *rest == ':' ? strtoull(rest + 1, NULL, 10) : 0;
}

uint64_t interrupts(void)
{
	char line[LINE];
	uint64_t sum = 0;
	FILE *table = fopen("/proc/interrupts", "r");

	if (!table)
		fail("/proc/interrupts");
	while (fgets(line, sizeof(line), table))
		sum += line_count(line);
	fclose(table);
	return sum;
}
