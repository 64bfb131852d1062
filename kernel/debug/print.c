// SPDX-License-Identifier: MIT
/* The formats log_print() knows: %s %c %d %u %x %p %% with l, ll, z, width and 0. */
#include "debug/print.h"

#include "base/string.h"
#include "base/types.h"

struct printer {
	void (*put)(char character);
	/* Of the conversion being done. */
	bool zeros, longer;
	unsigned int width;
};

static void put_padding(const struct printer *printer, size_t used)
{
	for (; used < printer->width; used++)
		printer->put(printer->zeros ? '0' : ' ');
}

static void put_text(struct printer *printer, const char *text)
{
	put_padding(printer, strlen(text));
	while (*text)
		printer->put(*text++);
}

static void put_number(struct printer *printer, uint64_t value, unsigned int base, bool negative)
{
	char text[24] = { 0 };
	size_t at = sizeof(text) - 1;

	do {
		text[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	/* 24 bytes hold 20 digits, a sign and the final zero. */
	if (negative)
		text[--at] = '-';
	put_text(printer, &text[at]);
}

static const char *parse_conversion(struct printer *printer, const char *format)
{
	printer->zeros = *format == '0';
	printer->width = 0;
	for (; *format >= '0' && *format <= '9'; format++)
		printer->width = printer->width * 10 + (unsigned int)(*format - '0');
	printer->longer = *format == 'l' || *format == 'z';
	while (*format == 'l' || *format == 'z')
		format++;
	return format;
}

/* Every longer type has 64 bits here. */
static uint64_t take_unsigned(const struct printer *printer, va_list *arguments)
{
	return printer->longer ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned int);
}

static void put_signed(struct printer *printer, va_list *arguments)
{
	int64_t value = printer->longer ? va_arg(*arguments, int64_t) : va_arg(*arguments, int);

	put_number(printer, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, value < 0);
}

static void put_conversion(struct printer *printer, char kind, va_list *arguments)
{
	switch (kind) {
	case 's':
		put_text(printer, va_arg(*arguments, const char *));
		break;
	case 'c':
		printer->put((char)va_arg(*arguments, int));
		break;
	case 'd':
		put_signed(printer, arguments);
		break;
	case 'u':
	case 'x':
		put_number(printer, take_unsigned(printer, arguments), kind == 'u' ? 10 : 16,
			   false);
		break;
	case 'p':
		printer->zeros = true;
		printer->width = 16;
		put_number(printer, (uint64_t)va_arg(*arguments, void *), 16, false);
		break;
	default: /* %% and what is unknown */
		printer->put(kind);
	}
}

void print_format(void (*put)(char character), const char *format, va_list arguments)
{
	struct printer printer = { .put = put };
	va_list rest;

	va_copy(rest, arguments);
	for (; *format; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		format = parse_conversion(&printer, format + 1);
		if (!*format)
			break;
		put_conversion(&printer, *format, &rest);
	}
	va_end(rest);
}
