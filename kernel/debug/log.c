// SPDX-License-Identifier: MIT
/* The log: a ring in memory, the debug UART, the screen. */
#include "debug/log.h"

#include <stdarg.h>

#include "base/arch.h"
#include "base/string.h"
#include "base/timeout.h"
#include "debug/console.h"
#include "debug/log_screen.h"
#include "debug/options.h"
#include "debug/print.h"
#include "purlin/message.h"

#define RING_BYTES (64 * 1024)
#define SEND_MOST 512 /* bytes in a row */
#define RESEND_MS 1   /* a FIFO of 16 bytes takes 1.4 ms */
#define LINE_MOST 224 /* bytes of one writer, its name included; readers hold whole lines */

uint64_t trace_categories;
uint64_t counters[PURLIN_COUNTERS];
volatile bool panicking;

static char ring[RING_BYTES];
static uint64_t written;   /* bytes since boot */
static uint64_t delivered; /* `written` when the watcher was told last */
static void (*watcher)(void);
static uint64_t sent;	      /* of those written, by the UART or to the component that drives it */
static bool deferred;	      /* a timeout feeds the UART; nobody waits for it */
static bool returned;	      /* the carriage, for the line end at `sent` */
static struct timeout resend; /* text waits for the UART */
static bool component_owns_uart;
static bool debugcon;
static char line_owner[PURLIN_NAME_BYTES]; /* who wrote the unfinished line */
static bool line_open;
static unsigned int line_bytes;
static char lock;

/*
 * A lock of its own, since processors also print without the kernel lock: while they start, and
 * when they panic. It is taken last. A panicking processor does not wait for it: the owner may have
 * been stopped.
 */
static void log_lock(void)
{
	while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE) && !panicking)
		;
}

static void log_unlock(void)
{
	__atomic_clear(&lock, __ATOMIC_RELEASE);
}

static void put(char character)
{
	ring[written++ % RING_BYTES] = character;
	line_open = character != '\n';
	line_bytes = line_open ? line_bytes + 1 : 0;
	/*
	 * Before there are timeouts, and in a panic, nothing else would send it. Else whoever
	 * prints must not wait for a slow UART with the kernel lock held.
	 */
	if (panicking || (!component_owns_uart && !deferred))
		arch_console_write(character);
	if (!deferred)
		sent = written;
	if (debugcon)
		arch_debugcon_write(character);
	if (panicking || !deferred)
		log_screen_wake();
}

static void put_string(const char *text)
{
	while (*text)
		put(*text++);
}

/* Ends another writer's unfinished line; true if a new line starts. */
static bool begin_line(const char *owner)
{
	if (line_open && strcmp(owner, line_owner) != 0)
		put('\n');
	if (line_open)
		return false;
	size_t length = strlen(owner);
	if (length >= sizeof(line_owner))
		length = sizeof(line_owner) - 1;
	memcpy(line_owner, owner, length);
	line_owner[length] = '\0';
	return true;
}

void log_print(const char *format, ...)
{
	va_list arguments;

	log_lock();
	/*
	 * The kernel's own lines have no name, so no component can write one that looks like
	 * them.
	 */
	begin_line("");
	va_start(arguments, format);
	print_format(put, format, arguments);
	va_end(arguments);
	log_unlock();
}

/*
 * Control characters could move the cursor, and so overwrite or fake the name before a line. Other
 * bytes beyond ASCII may mean anything to a terminal.
 */
static char printable(char character)
{
	return (character < ' ' || character > '~') && character != '\t' && character != '\n' ?
		       '?' :
		       character;
}

void log_text(const char *name, const char *text, size_t bytes)
{
	char owner[PURLIN_NAME_BYTES] = { 0 };

	for (size_t i = 0; i < sizeof(owner) - 1 && name[i]; i++)
		owner[i] = name[i];
	log_lock();
	for (size_t i = 0; i < bytes; i++) {
		if (text[i] == '\r')
			continue;
		/* Cut long lines: the name is repeated, and readers need to hold one line only. */
		if (line_bytes >= LINE_MOST && text[i] != '\n')
			put('\n');
		if (begin_line(owner)) {
			put('[');
			put_string(owner);
			put_string("] ");
		}
		put(printable(text[i]));
	}
	log_unlock();
}

uint64_t log_ring_end(void)
{
	return written;
}

char log_ring_byte(uint64_t sequence)
{
	return ring[sequence % RING_BYTES];
}

size_t log_ring_read(uint64_t sequence, char *buffer, size_t size, uint64_t *next)
{
	uint64_t oldest = written > RING_BYTES ? written - RING_BYTES : 0;
	size_t count = 0;

	/* A reader that is too slow misses what was overwritten, and sees so by the sequence. */
	if (sequence < oldest)
		sequence = oldest;
	while (count < size && sequence < written)
		buffer[count++] = ring[sequence++ % RING_BYTES];
	*next = sequence;
	/* What the UART's owner has read counts as sent: if it dies, the kernel continues there. */
	if (component_owns_uart && sequence > sent && sequence <= written)
		sent = sequence;
	return count;
}

/* One byte of the ring, a carriage return before a line end. */
static void send_byte(void)
{
	char character = ring[sent % RING_BYTES];

	returned = character == '\n' && !returned;
	arch_console_put(returned ? '\r' : character);
	sent += !returned;
}

/*
 * Send what the UART accepts without waiting, and a bounded number of bytes, since this runs with
 * the kernel lock held. An empty transmitter takes a whole FIFO, so it is polled once for each.
 */
static void send(void)
{
	log_lock();
	if (written - sent > RING_BYTES)
		sent = written - RING_BYTES; /* overwritten before it could go out */
	for (unsigned int i = 0; i < SEND_MOST && sent < written; i++) {
		if (i % CONSOLE_FIFO == 0 && !arch_console_ready())
			break;
		send_byte();
	}
	log_unlock();
}

static void send_again(struct timeout *timeout)
{
	(void)timeout;
	if (component_owns_uart)
		return;
	send();
	if (sent < written)
		timeout_set(&resend, arch_time() + arch_time_hz() / 1000 * RESEND_MS);
	else if (watcher)
		watcher();
}

/* For a panic or a reset: nothing runs afterwards that could send the rest. */
void log_flush(void)
{
	while (!component_owns_uart && sent < written)
		arch_console_write(ring[sent++ % RING_BYTES]);
	log_screen_flush();
}

void log_defer(void)
{
	resend.function = send_again;
	sent = written;
	deferred = true;
	log_screen_defer();
}

uint64_t log_unsent(void)
{
	return component_owns_uart ? 0 : written - sent;
}

void log_ring_watch(void (*grown)(void))
{
	watcher = grown;
}

/* Called where no structure is half changed: it may make threads ready. */
void log_ring_deliver(void)
{
	if (delivered == written)
		return;
	/* First: what the watcher's thread prints meanwhile is delivered with the next call. */
	delivered = written;
	if (deferred && !component_owns_uart && !resend.set)
		send_again(&resend);
	log_screen_wake();
	if (watcher)
		watcher();
}

uint64_t log_uart_owner(bool component)
{
	/* Where the other goes on: no byte is sent twice, and none is left out. */
	component_owns_uart = component;
	if (!component)
		arch_console_init();
	return sent;
}

bool log_uart_owned(void)
{
	return component_owns_uart;
}

void log_init(void)
{
	arch_console_init();
}

void log_options(const char *command_line)
{
	uint64_t mask;

	debugcon = option_given(command_line, "debugcon");
	if (option_number(command_line, "trace", &mask))
		trace_categories = mask;
}
