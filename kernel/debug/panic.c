// SPDX-License-Identifier: MIT
/* The end: say why, say how we got here, stop all processors. */
#include <stdarg.h>

#include "debug/console.h"
#include "debug/log.h"
#include "debug/log_screen.h"
#include "debug/print.h"

/* Only one processor panics; the others, and a panic inside the panic, stop. */
static void panic_begin(void)
{
	static bool begun;

	if (__atomic_exchange_n(&begun, true, __ATOMIC_ACQ_REL))
		arch_halt();
	panicking = true;
	arch_panic_stop_others();
	/* The UART may be in any state a component left it in. */
	arch_console_init();
	log_screen_panic();
	log_flush();
	arch_console_write('\n'); /* whatever line it was in the middle of */
}

static char message[160];
static size_t message_length;

static void put_message(char character)
{
	if (character != '\n' && message_length < sizeof(message) - 1)
		message[message_length++] = character;
}

_Noreturn void panic(const char *format, ...)
{
	va_list arguments;

	panic_begin();
	va_start(arguments, format);
	print_format(put_message, format, arguments);
	va_end(arguments);
	log_print("kernel panic: %s\n", message);
	arch_backtrace();
	arch_halt();
}

_Noreturn void panic_exception(const struct frame *frame)
{
	panic_begin();
	arch_exception_print(frame);
	arch_halt();
}
