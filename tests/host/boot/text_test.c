// SPDX-License-Identifier: MIT
/* The log's formats, beside the C library's, and the command line. */
#include "test.h"

#include "debug/options.h"
#include "debug/print.h"

static char output[256];
static size_t length;

static void put(char character)
{
	output[length++] = character;
	output[length] = '\0';
}

__attribute__((format(printf, 1, 2))) static void check(const char *format, ...)
{
	char expected[256];
	va_list arguments;

	length = 0;
	output[0] = '\0';
	va_start(arguments, format);
	print_format(put, format, arguments);
	va_end(arguments);
	va_start(arguments, format);
	vsnprintf(expected, sizeof(expected), format, arguments);
	va_end(arguments);
	assert_string_equal(output, expected);
}

static void numbers(void **state)
{
	(void)state;
	check("%d %u", -5, 4000000000u);
	check("%ld %lld %lu", INT64_MIN, INT64_MAX + 0ll, UINT64_MAX);
	check("%x %lx", 0xbeefu, 0xfedcba9876543210ul);
	check("[%5d] [%5d] [%05d]", 42, -42, 42);
	check("[%016lx] [%2x] [%zu]", 0x1234ul, 0x123456u, sizeof(int));
	check("%d%%", 0);
}

static void strings(void **state)
{
	(void)state;
	check("%s|%8s|%2s|%c", "abc", "abc", "abc", 'x');
	length = 0;
}

static void options(void **state)
{
	uint64_t value = 1;

	(void)state;
	assert_true(option_given("nosmp trace=3", "nosmp"));
	assert_true(option_given("  trace=3", "trace"));
	assert_false(option_given("nosmpx anosmp", "nosmp"));
	assert_false(option_given("", "nosmp"));
	assert_true(option_number("a trace=0xFf b", "trace", &value));
	assert_int_equal(value, 255);
	assert_true(option_number("cpus=12", "cpus", &value));
	assert_int_equal(value, 12);
	assert_false(option_number("cpus=", "cpus", &value));
	assert_false(option_number("cpus=1x", "cpus", &value));
	assert_false(option_number("cpus", "cpus", &value));
}

TEST_MAIN(TEST(numbers), TEST(strings), TEST(options))
