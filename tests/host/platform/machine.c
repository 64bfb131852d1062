/* SPDX-License-Identifier: MIT */
/* hardware.h on top of a dump: memory and ECAM are private mappings of files; ports hold nothing.
 */
#include "machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "drivers/platform/hardware.h"
#include "drivers/platform/turn.h"

#define ECAM 0xb0000000ull

struct area {
	uint64_t base;
	uint64_t size;
	char *data;
};

static struct area areas[2];
static unsigned int area_count;
static uint32_t config_address;

static bool load(const char *name, const char *suffix, uint64_t base)
{
	char path[512];
	struct stat status;
	int file;
	struct area *area = &areas[area_count];

	snprintf(path, sizeof(path), "%s/%s.%s", MACHINES, name, suffix);
	file = open(path, O_RDONLY);
	if (file < 0 || fstat(file, &status) < 0)
		return false;
	area->base = base;
	area->size = (uint64_t)status.st_size;
	area->data = mmap(NULL, area->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	close(file);
	area_count++;
	return area->data != MAP_FAILED;
}

bool machine_load(const char *name)
{
	area_count = 0;
	if (!load(name, "mem", 0))
		return false;
	(void)load(name, "ecam", ECAM);
	return true;
}

void *hardware_map(uint64_t physical, uint64_t size)
{
	for (unsigned int i = 0; i < area_count; i++)
		if (physical >= areas[i].base && size <= areas[i].size &&
		    physical - areas[i].base <= areas[i].size - size)
			return areas[i].data + (physical - areas[i].base);
	return NULL;
}

void hardware_unmap(void *address, uint64_t size)
{
	(void)address;
	(void)size;
}

/* The PIIX3's interrupt router (function 00:01.0, registers 60h..63h), as firmware left it. */
static uint8_t piix_router[4] = { 10, 10, 11, 11 };

/* The PM1 control register says that ACPI is on. */
bool hardware_port_read(uint16_t port, unsigned int size, uint32_t *value)
{
	*value = size == 4 ? 0xffffffffu : (1u << (size * 8)) - 1;
	if (port == 0x604)
		*value = 1;
	if (port >= 0xcfc && port <= 0xcff && (config_address & ~3u) == 0x80000860u && size == 1)
		*value = piix_router[port & 3];
	return true;
}

bool hardware_port_write(uint16_t port, unsigned int size, uint32_t value)
{
	if (port == 0xcf8)
		config_address = value;
	if (port >= 0xcfc && port <= 0xcff && (config_address & ~3u) == 0x80000860u && size == 1)
		piix_router[port & 3] = (uint8_t)value;
	return true;
}

uint64_t hardware_time_ns(void)
{
	static uint64_t time;

	return time += 1000000;
}

void turn_pause(uint64_t nanoseconds)
{
	(void)nanoseconds;
}

uint64_t hardware_rsdp(void)
{
	return 0; /* searched in the BIOS area */
}

void hardware_log_arguments(const char *format, va_list arguments)
{
	vprintf(format, arguments);
}
