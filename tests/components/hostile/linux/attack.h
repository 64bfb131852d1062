/* SPDX-License-Identifier: MIT */
/* What a hostile root does. Each attack goes on until its process is killed, or by itself. */
#ifndef HOSTILE_ATTACK_H
#define HOSTILE_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

uint64_t next_random(void);
uint64_t below(uint64_t limit);

/*
 * Writes to where messages go, too: only if the command line says `messages`. QEMU's IOMMUs let
 * pass what they are to block, INIT among it, which stops a processor.
 */
#define MESSAGES 0xfee00000ull
extern bool messages;

/* A place where something may be that is not this Linux's: memory, registers, interrupts. */
uint64_t foreign_address(void);

/* One of the devices, as /sys names it; NULL: there is none. */
#define PATHS 256
bool any_device(char *path);
bool device_with(const char *identity, char *path);
bool write_text(const char *path, const char *text);
/* A BAR of the device, mapped; NULL: it cannot be. */
void *map_bar(const char *device, unsigned int bar, size_t *bytes);
/* Decoding and bus mastering. */
void switch_on(const char *device);

struct attack {
	const char *name;
	void (*run)(void);
	unsigned int weight;
};

void attack_memory(void);
void attack_ports(void);
void attack_config(void);
void attack_life(void);
void attack_edu(void);
void attack_messages(void);
void attack_nvme(void);
void attack_registers(void);
void attack_storm(void);
void attack_log(void);
void attack_calls(void);
void attack_sessions(void);

#endif
