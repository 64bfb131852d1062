/* SPDX-License-Identifier: MIT */
/* The log: who wrote a line stays visible, whatever was written. */
#include "debug/log.h"

#include <string.h>

#include "base/arch.h"
#include "base/timeout.h"
#include "kernel_support.h"

static uint64_t sequence;

/* What was written since the last call. */
static const char *fresh(void)
{
	static char text[2048];
	size_t bytes = log_ring_read(sequence, text, sizeof(text) - 1, &sequence);

	text[bytes] = 0;
	return text;
}

static void write_text(const char *name, const char *text)
{
	log_text(name, text, strlen(text));
}

static int setup(void **state)
{
	(void)state;
	log_print("\n");
	while (*fresh())
		;
	return 0;
}

static void lines_carry_their_writer(void **state)
{
	(void)state;
	write_text("one", "first\nsec");
	write_text("two", "other\n");
	write_text("one", "ond\n");
	log_print("kernel\n");
	assert_string_equal(fresh(), "[one] first\n[one] sec\n[two] other\n[one] ond\nkernel\n");
}

static void nobody_writes_over_a_name(void **state)
{
	(void)state;
	write_text("evil", "\r[init] forged\n");
	write_text("evil", "\x1b[2K\x1b[1G[init] forged\b\v\tend\n");
	assert_string_equal(fresh(), "[evil] [init] forged\n"
				     "[evil] ?[2K?[1G[init] forged??\tend\n");
}

/* Readers that split long lines would show the rest without a name. */
static void long_lines_get_the_name_again(void **state)
{
	char line[1000];
	const char *text, *end;
	unsigned int lines = 0, count = 0;

	(void)state;
	memset(line, 'x', sizeof(line));
	for (unsigned int i = 0; i < sizeof(line); i += 100)
		log_text("evil", line + i, 100);
	write_text("evil", "\n");
	for (text = fresh(); *text; text = end + 1, lines++) {
		end = strchr(text, '\n');
		assert_non_null(end);
		assert_true(end - text < 240);
		assert_memory_equal(text, "[evil] x", 8);
		count += (unsigned int)(end - text) - 7;
	}
	assert_int_equal(lines, 5);
	assert_int_equal(count, sizeof(line));
}

/* Exactly as long as a line may be: no empty one after it. */
static void a_full_line_ends_as_any_other(void **state)
{
	char line[300] = { 0 };
	size_t bytes;

	(void)state;
	memset(line, 'x', 224 - strlen("[a] "));
	write_text("a", line);
	write_text("a", "\nnext\n");
	bytes = strlen(fresh());
	assert_int_equal(bytes, 224 + 1 + strlen("[a] next\n"));
}

/* Text goes out when the UART is ready: whoever writes the log waits for nothing. */
static void nobody_waits_for_the_uart(void **state)
{
	char text[480];

	(void)state;
	host_reset();
	memset(text, 'x', sizeof(text));
	log_defer();
	host.console_busy = true;
	log_text("a", text, sizeof(text));
	log_ring_deliver();
	assert_int_equal(host.console_bytes, 0);
	assert_true(host.console_asked <= 2);
	assert_true(log_unsent() > sizeof(text));
	host.console_busy = false;
	for (unsigned int i = 0; i < 3; i++) {
		host.time += arch_time_hz();
		timeout_expired();
	}
	assert_int_equal(log_unsent(), 0);
	assert_true(host.console_bytes > sizeof(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_carry_their_writer, setup),
		cmocka_unit_test_setup(nobody_writes_over_a_name, setup),
		cmocka_unit_test_setup(long_lines_get_the_name_again, setup),
		cmocka_unit_test_setup(nobody_waits_for_the_uart, setup),
		cmocka_unit_test_setup(a_full_line_ends_as_any_other, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
