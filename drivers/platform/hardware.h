/* SPDX-License-Identifier: MIT */
/*
 * What the platform component's logic needs of the machine. hardware.c gets it
 * through sessions; the host tests bring a machine of their own.
 */
#ifndef PLATFORM_HARDWARE_H
#define PLATFORM_HARDWARE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Uncached mapping of I/O memory or firmware tables; NULL if refused. */
void *hardware_map(uint64_t physical, uint64_t size);
void hardware_unmap(void *address, uint64_t size);

/* The same for memory that was already claimed for a client (resource.h), named by its slot. */
void *hardware_map_claimed(uint64_t memory, uint64_t pages);
void hardware_unmap_claimed(void *address);

/*
 * Map memory that the interpreter asks for into its protection domain, at a page of its choice.
 * False: refused, as is memory that this component uses itself. The number names it when it is
 * taken back.
 */
bool hardware_lend(uint64_t physical, uint64_t size, uint64_t pd, uint64_t at, uint64_t *number);
void hardware_take_back(uint64_t number);
void hardware_take_back_all(void);

/* Size 1, 2 or 4. False: these ports cannot be claimed; *value is then all ones. */
bool hardware_port_read(uint16_t port, unsigned int size, uint32_t *value);
bool hardware_port_write(uint16_t port, unsigned int size, uint32_t value);

uint64_t hardware_time_ns(void); /* since some moment; monotonic */
/* The time stamp after that much time from now, for timers of the kernel. */
uint64_t hardware_deadline(uint64_t nanoseconds);

uint64_t hardware_rsdp(void); /* physical address, 0: unknown */
/* The memory map that firmware gave the boot loader, by address: how many ranges. */
struct purlin_memory_range;
unsigned int hardware_memory(const struct purlin_memory_range **ranges);
uint64_t hardware_tsc_hz(void);

void hardware_log(const char *format, ...) __attribute__((format(printf, 1, 2)));
/*
 * Log a line that clients can cause as often as they like. Each source, which is the label of a
 * session or the name of a function, has a budget of lines. Called with the turn taken.
 */
void hardware_log_for(const char *source, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void hardware_log_arguments(const char *format, va_list arguments);

#endif
