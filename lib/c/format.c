/* SPDX-License-Identifier: MIT */
/* snprintf. */
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct output {
	char *to;
	size_t room;   /* bytes, the final zero included */
	size_t length; /* what would have been written */
};

struct field {
	bool left, zero, plus, blank, alternate;
	int width;
	int precision; /* -1: none given */
};

static void put(struct output *out, char character)
{
	if (out->length + 1 < out->room)
		out->to[out->length] = character;
	/* Bytes count even when there is no room: callers learn how long the text would have been.
	 */
	out->length++;
}

static void fill(struct output *out, char character, int count)
{
	for (; count > 0; count--)
		put(out, character);
}

static void put_bytes(struct output *out, const struct field *field, const char *bytes, int length)
{
	if (!field->left)
		fill(out, ' ', field->width - length);
	for (int i = 0; i < length; i++)
		put(out, bytes[i]);
	if (field->left)
		fill(out, ' ', field->width - length);
}

static void put_text(struct output *out, const struct field *field, const char *text)
{
	size_t limit = field->precision < 0 ? INT_MAX : (size_t)field->precision;

	if (!text)
		text = "(null)";
	put_bytes(out, field, text, (int)strnlen(text, limit));
}

/* Digits of `value`, last one first. */
static int digits_of(char *digits, uint64_t value, unsigned int base, bool upper)
{
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	int count = 0;

	while (value) {
		digits[count++] = alphabet[value % base];
		value /= base;
	}
	return count;
}

static void put_number(struct output *out, const struct field *field, uint64_t value,
		       unsigned int base, bool upper, const char *prefix)
{
	char digits[24];
	int count = digits_of(digits, value, base, upper);
	int least = field->precision < 0 ? 1 : field->precision;
	int zeros = least > count ? least - count : 0;
	int rest = field->width - count - zeros - (int)strlen(prefix);

	/* A precision, or a place on the left, makes the flag 0 void (C17, 7.21.6.1). */
	if (field->zero && !field->left && field->precision < 0 && rest > 0) {
		zeros += rest;
		rest = 0;
	}
	if (!field->left)
		fill(out, ' ', rest);
	while (*prefix)
		put(out, *prefix++);
	fill(out, '0', zeros);
	while (count)
		put(out, digits[--count]);
	if (field->left)
		fill(out, ' ', rest);
}

static void put_signed(struct output *out, const struct field *field, int64_t value)
{
	const char *prefix = value < 0 ? "-" : field->plus ? "+" : field->blank ? " " : "";
	uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

	put_number(out, field, magnitude, 10, false, prefix);
}

static const char *parse_flags(const char *format, struct field *field)
{
	for (;; format++) {
		switch (*format) {
		case '-':
			field->left = true;
			break;
		case '0':
			field->zero = true;
			break;
		case '+':
			field->plus = true;
			break;
		case ' ':
			field->blank = true;
			break;
		case '#':
			field->alternate = true;
			break;
		default:
			return format;
		}
	}
}

static const char *parse_count(const char *format, int *count, va_list *arguments)
{
	if (*format == '*') {
		*count = va_arg(*arguments, int);
		return format + 1;
	}
	/* Bounded, so that no format makes the number overflow. */
	for (*count = 0; *format >= '0' && *format <= '9' && *count < 100000; format++)
		*count = *count * 10 + (*format - '0');
	return format;
}

/* Size in bytes of the integer the length modifiers name. */
static const char *parse_length(const char *format, size_t *bytes)
{
	*bytes = sizeof(int);
	for (;; format++) {
		switch (*format) {
		case 'h':
			*bytes = *bytes == sizeof(short) ? sizeof(char) : sizeof(short);
			break;
		case 'l':
		case 'z':
		case 't':
		case 'j':
			*bytes = sizeof(long);
			break;
		default:
			return format;
		}
	}
}

/* What is narrower than int was passed as one: it is cut to its own width here. */
static uint64_t unsigned_argument(va_list *arguments, size_t bytes)
{
	if (bytes == sizeof(long))
		return va_arg(*arguments, unsigned long);
	if (bytes == sizeof(short))
		return (unsigned short)va_arg(*arguments, unsigned int);
	if (bytes == sizeof(char))
		return (unsigned char)va_arg(*arguments, unsigned int);
	return va_arg(*arguments, unsigned int);
}

static int64_t signed_argument(va_list *arguments, size_t bytes)
{
	if (bytes == sizeof(long))
		return va_arg(*arguments, long);
	if (bytes == sizeof(short))
		return (short)va_arg(*arguments, int);
	if (bytes == sizeof(char))
		return (signed char)va_arg(*arguments, int);
	return va_arg(*arguments, int);
}

static void convert(struct output *out, struct field *field, char conversion, size_t bytes,
		    va_list *arguments)
{
	char character;
	uint64_t value;

	switch (conversion) {
	case 'd':
	case 'i':
		put_signed(out, field, signed_argument(arguments, bytes));
		break;
	case 'u':
		put_number(out, field, unsigned_argument(arguments, bytes), 10, false, "");
		break;
	case 'o':
		put_number(out, field, unsigned_argument(arguments, bytes), 8, false, "");
		break;
	case 'x':
	case 'X':
		value = unsigned_argument(arguments, bytes);
		put_number(out, field, value, 16, conversion == 'X',
			   !field->alternate || !value ? "" :
			   conversion == 'X'	       ? "0X" :
							 "0x");
		break;
	case 'p':
		put_number(out, field, (uintptr_t)va_arg(*arguments, void *), 16, false, "0x");
		break;
	case 's':
		put_text(out, field, va_arg(*arguments, const char *));
		break;
	case 'c':
		character = (char)va_arg(*arguments, int);
		put_bytes(out, field, &character, 1);
		break;
	default:
		put(out, conversion);
	}
}

static const char *directive(struct output *out, const char *format, va_list *arguments)
{
	struct field field = { .precision = -1 };
	size_t bytes;

	format = parse_flags(format, &field);
	format = parse_count(format, &field.width, arguments);
	if (field.width < 0) {
		field.left = true;
		field.width = -field.width;
	}
	if (*format == '.')
		format = parse_count(format + 1, &field.precision, arguments);
	format = parse_length(format, &bytes);
	/* The format ends within the directive: there is nothing to convert. */
	if (!*format)
		return format;
	convert(out, &field, *format, bytes, arguments);
	return format + 1;
}

int vsnprintf(char *to, size_t bytes, const char *format, va_list arguments)
{
	struct output out = { .to = to, .room = bytes };
	va_list copy;

	/*
	 * A copy, since it is handed down by address: a parameter of this type may be an array
	 * that has become a pointer.
	 */
	va_copy(copy, arguments);
	while (*format) {
		if (*format == '%')
			format = directive(&out, format + 1, &copy);
		else
			put(&out, *format++);
	}
	va_end(copy);
	if (bytes)
		to[out.length < bytes ? out.length : bytes - 1] = 0;
	return (int)out.length;
}

int snprintf(char *to, size_t bytes, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(to, bytes, format, arguments);
	va_end(arguments);
	return length;
}
