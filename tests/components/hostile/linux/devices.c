/* SPDX-License-Identifier: MIT */
/* Attacks by devices: their DMA, their messages, their registers, and what Linux lets root do to
 * them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

#define EDU "0x11e8"
#define EDU_RAISE 0x60
#define EDU_SOURCE 0x80
#define EDU_COMMAND 0x98
#define EDU_BUFFER 0x40000ull
#define EDU_START 1
#define EDU_TO_MEMORY 2
#define EDU_INTERRUPT 4

#define NVME "0x0010"
#define NVME_CONFIGURATION 0x14
#define NVME_QUEUES 0x24
#define NVME_DOORBELLS 0x1000

static volatile char *edu_registers(void)
{
	char device[PATHS];
	size_t bytes;

	if (!device_with(EDU, device))
		return NULL;
	switch_on(device);
	return map_bar(device, 0, &bytes);
}

static void edu_transfer(volatile char *edu, uint64_t from, uint64_t to, uint64_t bytes,
			 uint64_t command)
{
	*(volatile uint64_t *)(edu + EDU_SOURCE) = from;
	*(volatile uint64_t *)(edu + EDU_SOURCE + 8) = to;
	*(volatile uint64_t *)(edu + EDU_SOURCE + 16) = bytes;
	*(volatile uint64_t *)(edu + EDU_COMMAND) = command;
	for (int i = 0; i < 1000 && *(volatile uint64_t *)(edu + EDU_COMMAND) & EDU_START; i++)
		usleep(1000);
}

void attack_edu(void)
{
	volatile char *edu = edu_registers();

	while (edu) {
		uint64_t victim = foreign_address() & ~7ull, bytes = 8 << below(9);

		if (below(2))
			edu_transfer(edu, victim, EDU_BUFFER, bytes, EDU_START);
		else
			edu_transfer(edu, EDU_BUFFER, victim, bytes,
				     EDU_START | EDU_TO_MEMORY | below(2) * EDU_INTERRUPT);
	}
}

/* The number goes by way of this Linux's own memory, whose first page is its to reach. */
void attack_messages(void)
{
	volatile char *edu = edu_registers();
	int memory = open("/dev/mem", O_RDWR);

	while (messages && edu && memory >= 0) {
		uint32_t number = (uint32_t)(below(2) ? below(256) : next_random());
		uint64_t at = 0x800, where = below(2) ? below(1 << 20) & ~3ull : below(4) << 12;

		(void)!pwrite(memory, &number, sizeof(number), (off_t)at);
		edu_transfer(edu, at, EDU_BUFFER, 4, EDU_START);
		edu_transfer(edu, EDU_BUFFER, MESSAGES + where, 4, EDU_START | EDU_TO_MEMORY);
	}
}

/* A driver that lays the controller's queues over somebody else's memory, and asks for commands
 * from there. */
void attack_nvme(void)
{
	char device[PATHS], path[PATHS + 32];
	volatile char *nvme;
	size_t bytes;

	if (!device_with(NVME, device))
		return;
	snprintf(path, sizeof(path), "%s/driver/unbind", device);
	write_text(path, strrchr(device, '/') + 1);
	switch_on(device);
	nvme = map_bar(device, 0, &bytes);
	while (nvme) {
		*(volatile uint32_t *)(nvme + NVME_CONFIGURATION) = 0;
		*(volatile uint32_t *)(nvme + NVME_QUEUES) = 0x00ff00ff;
		*(volatile uint64_t *)(nvme + NVME_QUEUES + 4) = foreign_address() & ~0xfffull;
		*(volatile uint64_t *)(nvme + NVME_QUEUES + 12) = foreign_address() & ~0xfffull;
		*(volatile uint32_t *)(nvme + NVME_CONFIGURATION) = 0x00460001;
		for (unsigned int i = 0; i < 16; i++)
			*(volatile uint32_t *)(nvme + NVME_DOORBELLS + 4 * below(2)) =
				(uint32_t)below(256);
		usleep(1000);
	}
}

/* All registers, a table of messages among them. */
void attack_registers(void)
{
	char device[PATHS];
	volatile char *bar;
	size_t bytes;

	for (;;) {
		if (!any_device(device))
			return;
		switch_on(device);
		bar = map_bar(device, (unsigned int)below(6), &bytes);
		for (unsigned int i = 0; bar && bytes && i < 2000; i++) {
			volatile uint32_t *word =
				(volatile uint32_t *)(bar + (below(bytes) & ~3ull));

			if (below(4))
				*word = (uint32_t)next_random();
			else
				(void)*word;
		}
	}
}

void attack_storm(void)
{
	volatile char *edu = edu_registers();

	while (edu)
		*(volatile uint32_t *)(edu + EDU_RAISE) = (uint32_t)next_random();
}

void attack_config(void)
{
	char device[PATHS], path[PATHS + 16];
	int file;

	for (;;) {
		if (!any_device(device))
			return;
		snprintf(path, sizeof(path), "%s/config", device);
		file = open(path, O_RDWR);
		for (unsigned int i = 0; file >= 0 && i < 500; i++) {
			uint32_t value = (uint32_t)next_random();
			size_t size = 1u << below(3);

			(void)!pwrite(file, &value, size,
				      (off_t)(below(i % 2 ? 256 : 4096) & ~(size - 1)));
		}
		if (file >= 0)
			close(file);
	}
}

/* Reset, release, find again, without a driver and with one. */
void attack_life(void)
{
	static const char *const ways[] = { "reset",   "remove",	 "enable",
					    "msi_bus", "d3cold_allowed", "driver/unbind" };
	char device[PATHS], path[PATHS + 32];

	for (;;) {
		const char *way = ways[below(sizeof(ways) / sizeof(*ways))];

		if (any_device(device)) {
			snprintf(path, sizeof(path), "%s/%s", device, way);
			write_text(path, strchr(way, '/') ? strrchr(device, '/') + 1 :
					 below(2)	  ? "1" :
							    "0");
		}
		write_text("/sys/bus/pci/rescan", "1");
	}
}
