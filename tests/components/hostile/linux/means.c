/* SPDX-License-Identifier: MIT */
/* Random numbers, addresses that are somebody else's, devices. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attack.h"

#define DEVICES "/sys/bus/pci/devices"
#define COMMAND 4

bool messages;

uint64_t next_random(void)
{
	uint64_t value = 0;

	(void)!getrandom(&value, sizeof(value), 0);
	return value;
}

uint64_t below(uint64_t limit)
{
	return next_random() % limit;
}

/*
 * Devices reach this Linux's own RAM at 0: what lies there it would damage itself. Elsewhere: ECAM,
 * registers of devices, of the I/O APIC, the HPET, the IOMMU, the APIC, firmware, memory of others.
 */
#define RAM (96ull << 20)

static uint64_t any_address(void)
{
	static const uint64_t place[] = {
		0xb0000000, 0xfe000000,	 0xfea00000,  0xfeb00000, 0xfec00000,
		0xfed00000, 0xfed90000,	 0xfed40000,  0xfef00000, 0xfff00000,
		0xc0000000, 0x100000000, 0x800000000,
	};

	switch (below(3)) {
	case 0:
		return place[below(sizeof(place) / sizeof(*place))] + below(0x100000);
	case 1:
		return RAM + below(0x100000000 - RAM);
	default:
		return RAM + below(512ull << 20);
	}
}

/* Where a write is an interrupt, QEMU lets pass what the IOMMU is told to block (attack_messages).
 */
uint64_t foreign_address(void)
{
	uint64_t address;

	do
		address = any_address();
	while (!messages && (address >> 20) == MESSAGES >> 20);
	return address;
}

bool write_text(const char *path, const char *text)
{
	int file = open(path, O_WRONLY);
	ssize_t written = file < 0 ? -1 : write(file, text, strlen(text));

	if (file >= 0)
		close(file);
	return written > 0;
}

static bool has_identity(const char *device, const char *identity)
{
	char path[PATHS + 16], text[16] = "";
	int file;

	snprintf(path, sizeof(path), "%s/device", device);
	file = open(path, O_RDONLY);
	if (file < 0)
		return false;
	(void)!read(file, text, sizeof(text) - 1);
	close(file);
	return !strncmp(text, identity, strlen(identity));
}

/* Any of those that fit. */
bool device_with(const char *identity, char *path)
{
	DIR *folder = opendir(DEVICES);
	struct dirent *entry;
	unsigned int seen = 0;

	while (folder && (entry = readdir(folder)) != NULL) {
		char one[PATHS];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(one, sizeof(one), DEVICES "/%.40s", entry->d_name);
		if (has_identity(one, identity) && !below(++seen))
			strcpy(path, one);
	}
	if (folder)
		closedir(folder);
	return seen;
}

bool any_device(char *path)
{
	return device_with("0x", path);
}

void switch_on(const char *device)
{
	char path[PATHS + 16];
	uint16_t command = 0x7;
	int file;

	snprintf(path, sizeof(path), "%s/config", device);
	file = open(path, O_RDWR);
	if (file < 0)
		return;
	(void)!pwrite(file, &command, sizeof(command), COMMAND);
	close(file);
}

void *map_bar(const char *device, unsigned int bar, size_t *bytes)
{
	char path[PATHS + 16];
	struct stat facts;
	void *address;
	int file;

	snprintf(path, sizeof(path), "%s/resource%u", device, bar);
	file = open(path, O_RDWR);
	if (file < 0)
		return NULL;
	*bytes = fstat(file, &facts) ? 0 : (size_t)facts.st_size;
	address = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	return address == MAP_FAILED ? NULL : address;
}
