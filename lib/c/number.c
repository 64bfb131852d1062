/* SPDX-License-Identifier: MIT */
/* Text to number. */
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

static int digit_value(char character)
{
	if (isdigit(character))
		return character - '0';
	if (isalpha(character))
		return tolower(character) - 'a' + 10;
	return INT_MAX;
}

static int has_hex_prefix(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && isxdigit(text[2]);
}

/* Digits only; saturates. */
static unsigned long digits(const char *text, char **end, int base)
{
	unsigned long value = 0;
	const char *start = text;

	if ((base == 0 || base == 16) && has_hex_prefix(text)) {
		base = 16;
		text += 2;
		start = text;
	} else if (base == 0) {
		base = *text == '0' ? 8 : 10;
	}
	for (; digit_value(*text) < base; text++) {
		unsigned long digit = (unsigned long)digit_value(*text);

		if (__builtin_mul_overflow(value, (unsigned long)base, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			value = ULONG_MAX;
	}
	if (end)
		*end = (char *)(text == start ? start : text);
	return value;
}

unsigned long strtoul(const char *text, char **end, int base)
{
	const char *start = text;
	char *last;
	unsigned long value;
	int negative;

	while (isspace(*text))
		text++;
	negative = *text == '-';
	if (*text == '-' || *text == '+')
		text++;
	value = digits(text, &last, base);
	if (end)
		*end = last == text ? (char *)start : last;
	return negative ? 0 - value : value;
}

long strtol(const char *text, char **end, int base)
{
	return (long)strtoul(text, end, base);
}

unsigned long long strtoull(const char *text, char **end, int base)
{
	return strtoul(text, end, base);
}
