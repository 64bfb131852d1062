/* SPDX-License-Identifier: MIT */
/*
 * The kernel's voice: a log ring, written to the debug UART as well unless a
 * component owns that, and to the screen (debug/log_screen.h). Format: %s %c %d %u %x %p %llx %lx
 * %zu, width and zero padding, %%.
 */
#ifndef DEBUG_LOG_H
#define DEBUG_LOG_H

#include "base/types.h"

void log_print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Text of a component, whole lines prefixed with its name. */
void log_text(const char *name, const char *text, size_t bytes);

/*
 * The log ring, numbered by bytes since boot. Copies up to `size` bytes from
 * `sequence` on (skipped forward to the oldest byte kept), sets *next to the
 * number of the byte after them and returns how many were copied.
 */
size_t log_ring_read(uint64_t sequence, char *buffer, size_t size, uint64_t *next);

/*
 * `grown` is called by log_ring_deliver() when the ring grew since the last
 * time. Never called from within log_print(), which anybody may use with any
 * structure half changed: the scheduler calls log_ring_deliver() before it
 * chooses a thread.
 */
void log_ring_watch(void (*grown)(void));
void log_ring_deliver(void);

/* true: a component drives the UART, the kernel writes to the ring only (and to the UART on panic).
 */
uint64_t log_uart_owner(bool component); /* the first byte that the previous owner has not sent */
bool log_uart_owned(void);		 /* by a component */

/* From now on nobody waits for the UART: text goes out as it takes it, by a timeout. */
void log_defer(void);
/* The rest of it, waiting: before a reset, in a panic. */
void log_flush(void);
uint64_t log_unsent(void); /* bytes that the UART has not taken yet; 0: a component has it */

/* Boot: the first line may be printed; options of the command line. */
void log_init(void);
void log_options(const char *command_line);

/* Cheap when the category is off (PURLIN_TRACE_*). */
extern uint64_t trace_categories;
#define trace(category, ...)                                                   \
	do {                                                                   \
		if (__builtin_expect((trace_categories & (category)) != 0, 0)) \
			log_print(__VA_ARGS__);                                \
	} while (0)

extern uint64_t counters[PURLIN_COUNTERS]; /* approximate on several processors */
#define count(which) ((void)counters[PURLIN_COUNTER_##which]++)

_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2)));
extern volatile bool panicking; /* some processor panics: all others stop */
#define kernel_assert(condition)                                            \
	do {                                                                \
		if (__builtin_expect(!(condition), 0))                      \
			panic("%s:%d: %s", __FILE__, __LINE__, #condition); \
	} while (0)

#endif
