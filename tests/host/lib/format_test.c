/* SPDX-License-Identifier: MIT */
/* snprintf and strtoul of the small C library beside those of the host's. */
#include "test.h"

int own_vsnprintf(char *to, size_t bytes, const char *format, va_list arguments);
unsigned long own_strtoul(const char *text, char **end, int base);

__attribute__((format(printf, 1, 2))) static void check(const char *format, ...)
{
	for (size_t room = 0; room < 40; room += 13) {
		char own[64] = "untouched", host[64] = "untouched";
		int own_length, host_length;
		va_list arguments;

		va_start(arguments, format);
		own_length = own_vsnprintf(own, room, format, arguments);
		va_end(arguments);
		va_start(arguments, format);
		host_length = vsnprintf(host, room, format, arguments);
		va_end(arguments);
		assert_int_equal(own_length, host_length);
		assert_string_equal(own, host);
	}
}

static void numbers(void **state)
{
	char narrow[] = "%hhu %hd"; /* no literal: the compiler would refuse what is cut off */

	(void)state;
	check("%d %i %u", -5, 0, 7u);
	check("%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42);
	check("%x %X %#x %#X %o", 0xbeefu, 0xbeefu, 0xbeefu, 0xbeefu, 8u);
	check("%#x %08x %#010x", 0u, 0x12u, 0x12u);
	check("%lx %llx %zu", ~0ul, ~0ull, (size_t)77);
	check(narrow, 300, 70000);
	check("%ld %lld", (long)INT64_MIN, (long long)INT64_MAX);
	check("%.3d %8.3d %-8.3d| %.0d", 5, 5, 5, 0);
	check("%*d %-*d|", 6, 1, 6, 1);
}

static void texts(void **state)
{
	(void)state;
	check("%s %10s %-10s| %.2s", "abc", "abc", "abc", "abc");
	check("%c%c %%", 'x', 'y');
	check("%.*s", 3, "abcdef");
	check("nothing");
	check("a line that is longer than the room there is for it: %d", 1);
}

static void parsing(void **state)
{
	static const char *const inputs[] = { "0",   "12 34", "0x1f", "0X1Fg",
					      "077", "  +5",  "-1",   "xyz",
					      "0x",  "",      "0xg",  "99999999999999999999999",
					      "1fz" };
	static const int bases[] = { 0, 8, 10, 16 };

	(void)state;
	for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
		for (size_t j = 0; j < sizeof(bases) / sizeof(bases[0]); j++) {
			char *own_end, *host_end;
			unsigned long own = own_strtoul(inputs[i], &own_end, bases[j]);
			unsigned long host = strtoul(inputs[i], &host_end, bases[j]);

			assert_int_equal(own, host);
			assert_ptr_equal(own_end, host_end);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(texts),
		cmocka_unit_test(parsing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
