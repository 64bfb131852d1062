// SPDX-License-Identifier: MIT
/* The formats log_print() knows: %s %c %d %i %u %x %X %p %% with h, l, ll, z, width, -, 0 and
 * .precision. */
#include "debug/print.h"

#include "base/types.h"

struct conversion {
	bool left, zeros;
	unsigned int width;
	int precision; /* -1: none */
	unsigned int longs;
};

struct printer {
	void (*put)(char character);
	struct conversion conversion;
};

static void put_padding(struct printer *printer, unsigned int used, bool before)
{
	struct conversion *c = &printer->conversion;

	if (before == c->left)
		return;
	for (; used < c->width; used++)
		printer->put(c->zeros && before ? '0' : ' ');
}

static void put_text(struct printer *printer, const char *text)
{
	unsigned int length = 0;

	if (!text)
		text = "(none)";
	while (text[length] && (printer->conversion.precision < 0 ||
				length < (unsigned int)printer->conversion.precision))
		length++;
	printer->conversion.zeros = false;
	put_padding(printer, length, true);
	for (unsigned int i = 0; i < length; i++)
		printer->put(text[i]);
	put_padding(printer, length, false);
}

static void put_number(struct printer *printer, uint64_t value, unsigned int base, bool negative,
		       bool upper)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[24];
	unsigned int length = 0;

	do {
		text[length++] = digits[value % base];
		value /= base;
	} while (value);
	if (negative && printer->conversion.zeros)
		printer->put('-');
	else if (negative)
		text[length++] = '-';
	put_padding(printer, length + (negative && printer->conversion.zeros), true);
	for (unsigned int i = length; i > 0; i--)
		printer->put(text[i - 1]);
	put_padding(printer, length, false);
}

/* As in C, except that `h` is read but changes nothing: arguments that short arrive as int. */
static const char *parse_conversion(struct conversion *c, const char *format, va_list *arguments)
{
	*c = (struct conversion){ .precision = -1 };
	for (; *format == '-' || *format == '0'; format++) {
		c->left |= *format == '-';
		c->zeros |= *format == '0';
	}
	for (; *format >= '0' && *format <= '9'; format++)
		c->width = c->width * 10 + (unsigned int)(*format - '0');
	if (*format == '.') {
		c->precision = 0;
		if (*++format == '*') {
			c->precision = va_arg(*arguments, int);
			format++;
		}
		for (; *format >= '0' && *format <= '9'; format++)
			c->precision = c->precision * 10 + (*format - '0');
	}
	for (; *format == 'l' || *format == 'z' || *format == 'h'; format++)
		c->longs += *format != 'h';
	return format;
}

static uint64_t take_unsigned(const struct conversion *c, va_list *arguments)
{
	/* Every longer type has 64 bits here. */
	return c->longs ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned int);
}

static void put_signed(struct printer *printer, va_list *arguments)
{
	int64_t value =
		printer->conversion.longs ? va_arg(*arguments, int64_t) : va_arg(*arguments, int);

	put_number(printer, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, value < 0, false);
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
	case 'i':
		put_signed(printer, arguments);
		break;
	case 'u':
		put_number(printer, take_unsigned(&printer->conversion, arguments), 10, false,
			   false);
		break;
	case 'x':
	case 'X':
		put_number(printer, take_unsigned(&printer->conversion, arguments), 16, false,
			   kind == 'X');
		break;
	case 'p':
		printer->conversion =
			(struct conversion){ .zeros = true, .width = 16, .precision = -1 };
		put_number(printer, (uint64_t)va_arg(*arguments, void *), 16, false, false);
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
		format = parse_conversion(&printer.conversion, format + 1, &rest);
		if (!*format)
			break;
		put_conversion(&printer, *format, &rest);
	}
	va_end(rest);
}
