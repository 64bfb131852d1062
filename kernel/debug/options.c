// SPDX-License-Identifier: MIT
/* Words of the kernel command line. */
#include "debug/options.h"

#include "base/string.h"

/* The text after a word's name; NULL if the word does not occur. */
static const char *find_word(const char *command_line, const char *name)
{
	size_t length = strlen(name);

	/* Compare at the beginning of words only: "smp" must not be found in "nosmp". */
	for (const char *at = command_line; *at;) {
		while (*at == ' ')
			at++;
		size_t same = 0;
		while (same < length && at[same] == name[same])
			same++;
		if (same == length && (at[same] == '=' || at[same] == ' ' || !at[same]))
			return at + same;
		while (*at && *at != ' ')
			at++;
	}
	return NULL;
}

#define NO_DIGIT 16

/* Of a hexadecimal digit, else NO_DIGIT. */
static unsigned int digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return (unsigned int)(digit - '0');
	digit |= 'a' ^ 'A';
	return digit >= 'a' && digit <= 'f' ? (unsigned int)(digit - 'a') + 10 : NO_DIGIT;
}

bool option_given(const char *command_line, const char *name)
{
	return find_word(command_line, name) != NULL;
}

bool option_number(const char *command_line, const char *name, uint64_t *value)
{
	const char *text = find_word(command_line, name);
	unsigned int base = 10;

	if (!text || *text++ != '=')
		return false;
	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	uint64_t number = 0;
	const char *start = text;
	for (; digit_value(*text) < base; text++)
		number = number * base + digit_value(*text);
	*value = number;
	return text != start && (*text == ' ' || !*text);
}
