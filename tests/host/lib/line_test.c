/* SPDX-License-Identifier: MIT */
/* A serial line with a chip of our own: what is sent and received, notifications, garbage from the
 * client. */
#include "test.h"

#include "drivers/uart/line.h"
#include "drivers/uart/log_source.h"

static char sent[65536];
static size_t sent_bytes;
static const char *input = "";
static bool wants_input, wants_output, stuck;
static unsigned int fifo;
static const char *log_text = "";
static bool endless_client, endless_log;
static struct terminal_shared shared;
static struct line line;

bool uart_can_send(const struct uart *uart)
{
	(void)uart;
	fifo = 0;
	return !stuck;
}

void uart_send(const struct uart *uart, unsigned char byte)
{
	(void)uart;
	assert_true(fifo++ < UART_FIFO_BYTES);
	sent[sent_bytes++ % sizeof(sent)] = (char)byte;
	shared.output.head += endless_client;
}

bool uart_receive(const struct uart *uart, unsigned char *byte)
{
	(void)uart;
	if (!*input)
		return false;
	*byte = (unsigned char)*input++;
	return true;
}

void uart_interrupts(struct uart *uart, bool in, bool out)
{
	(void)uart;
	wants_input = in;
	wants_output = out;
}

bool uart_pending(const struct uart *uart)
{
	(void)uart;
	return false;
}

bool log_source_next(bool fresh, unsigned char *byte)
{
	(void)fresh;
	*byte = 'l';
	if (endless_log)
		return true;
	if (!*log_text)
		return false;
	*byte = (unsigned char)*log_text++;
	return true;
}

static void reset(void)
{
	memset(&shared, 0, sizeof(shared));
	memset(&line, 0, sizeof(line));
	line.present = true;
	line.shared = &shared;
	sent_bytes = 0;
	input = "";
	log_text = "";
	stuck = false;
	endless_client = false;
	endless_log = false;
}

static void client_writes(const char *text)
{
	for (; *text; text++)
		shared.output_data[shared.output.head++ % TERMINAL_OUTPUT_BYTES] =
			(unsigned char)*text;
}

static void sends_what_the_client_writes(void **state)
{
	(void)state;
	reset();
	shared.output.head = shared.output.tail = line.output_tail = 0xfffffff0u; /* wraps */
	client_writes("a text that goes over the end of the indices\n");
	assert_false(line_work(&line));
	assert_int_equal(sent_bytes, 45);
	assert_memory_equal(sent, "a text that goes", 16);
	assert_true(line.fresh);
	assert_int_equal(shared.output.tail, shared.output.head);
	assert_false(wants_output);
}

static void a_busy_chip_interrupts_later(void **state)
{
	(void)state;
	reset();
	stuck = true;
	client_writes("text");
	assert_false(line_work(&line));
	assert_int_equal(sent_bytes, 0);
	assert_true(wants_output);
}

static void the_log_comes_first(void **state)
{
	(void)state;
	reset();
	line.carries_log = true;
	log_text = "log\r\n";
	client_writes("text");
	line_work(&line);
	assert_memory_equal(sent, "log\r\ntext", 9);
}

static void input_waits_for_room(void **state)
{
	static char much[TERMINAL_INPUT_BYTES + 11];

	(void)state;
	reset();
	memset(much, 'x', sizeof(much) - 1);
	input = much;
	line_work(&line);
	assert_int_equal(shared.input.head, TERMINAL_INPUT_BYTES);
	assert_false(wants_input);
	assert_int_equal(strlen(input), 10);
	shared.input.tail += 100;
	line_work(&line);
	assert_int_equal(shared.input.head, TERMINAL_INPUT_BYTES + 10);
	assert_true(wants_input);
}

static void garbage_is_harmless(void **state)
{
	(void)state;
	reset();
	for (unsigned int round = 0; round < 20000; round++) {
		purlin_u32 head = line.output_tail + test_random() % 20000;

		shared.output.head = test_random() % 2 ? head : test_random();
		shared.output.tail = test_random();
		shared.input.tail = test_random();
		shared.input.head = test_random();
		input = "some input";
		line_work(&line);
		assert_true(sent_bytes <= 4096);
		sent_bytes = 0;
	}
	shared.output.head = line.output_tail;
	shared.input.tail = line.input_head;
	client_writes("sound again");
	line_work(&line);
	assert_memory_equal(sent, "sound again", 11);
}

/* A session is closed while its client, or a component that writes to the log, goes on writing. */
static void draining_ends(void **state)
{
	(void)state;
	reset();
	endless_client = true;
	client_writes("more");
	line_drain(&line);
	assert_in_range(sent_bytes, TERMINAL_OUTPUT_BYTES, 100000);
	reset();
	endless_log = true;
	line.carries_log = true;
	line_drain(&line);
	assert_in_range(sent_bytes, TERMINAL_OUTPUT_BYTES, 100000);
}

static void without_a_client(void **state)
{
	(void)state;
	reset();
	line.shared = NULL;
	input = "typed ahead";
	assert_false(line_work(&line));
	assert_false(wants_input);
	assert_string_equal(input, "typed ahead");
	line.present = false;
	assert_false(line_work(&line));
	line_drain(&line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_what_the_client_writes),
		cmocka_unit_test(a_busy_chip_interrupts_later),
		cmocka_unit_test(the_log_comes_first),
		cmocka_unit_test(input_waits_for_room),
		cmocka_unit_test(garbage_is_harmless),
		cmocka_unit_test(draining_ends),
		cmocka_unit_test(without_a_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
