/* SPDX-License-Identifier: MIT */
/* What the log and the panic ask of an architecture. */
#ifndef DEBUG_CONSOLE_H
#define DEBUG_CONSOLE_H

#include "base/types.h"

struct frame;

/* The debug UART, polled. */
void arch_console_init(void);
void arch_console_write(char character);
/* Without waiting: ready for CONSOLE_FIFO bytes; put one. */
#define CONSOLE_FIFO 16
bool arch_console_ready(void);
void arch_console_put(char character);
/* A second way out for emulators, written to beside the UART (option `debugcon`). */
void arch_debugcon_write(char character);

/* Panic: stop the other processors; print how we got here, or the registers of an exception; stay.
 */
void arch_panic_stop_others(void);
void arch_backtrace(void);
void arch_exception_print(const struct frame *frame);
_Noreturn void arch_halt(void);

/* Panic by an exception in the kernel: registers and the way there. */
_Noreturn void panic_exception(const struct frame *frame);

/* Name of the kernel function at an address, and the offset in it; NULL: none. */
const char *symbol_find(uint64_t address, uint64_t *offset);

#endif
