// SPDX-License-Identifier: MIT
/*
 * Archives: each member is a header of text fields, its name, padding to four bytes, its data,
 * padding to four bytes; the last one is called TRAILER!!!.
 */
#include "base/archive.h"

#include "base/string.h"

#define HEADER_BYTES 110
#define MAGIC "070701"
#define FIELD_SIZE 6 /* numbers of header fields after the magic, each of 8 hexadecimal digits */
#define FIELD_NAME_SIZE 11
#define DIGITS 8
#define TRAILER "TRAILER!!!"

static bool number(const char *header, unsigned int field, size_t *value)
{
	const char *text = header + sizeof(MAGIC) - 1 + field * DIGITS;

	*value = 0;
	for (unsigned int i = 0; i < DIGITS; i++) {
		char c = text[i];
		unsigned int digit;

		if (c >= '0' && c <= '9')
			digit = (unsigned int)(c - '0');
		else if (c >= 'a' && c <= 'f')
			digit = (unsigned int)(c - 'a') + 10;
		else if (c >= 'A' && c <= 'F')
			digit = (unsigned int)(c - 'A') + 10;
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

static size_t padded(size_t bytes)
{
	return (bytes + 3) & ~(size_t)3;
}

/* Sizes have 32 bits: sums do not overflow. */
bool archive_find(const void *archive, size_t size, const char *name, const void **data,
		  size_t *bytes)
{
	const char *bundle = archive;
	size_t at = 0;

	while (at < size && size - at >= HEADER_BYTES) {
		const char *header = bundle + at;
		size_t name_bytes, data_bytes, start, end;

		if (memcmp(header, MAGIC, sizeof(MAGIC) - 1) != 0 ||
		    !number(header, FIELD_SIZE, &data_bytes) ||
		    !number(header, FIELD_NAME_SIZE, &name_bytes))
			return false;
		start = padded(at + HEADER_BYTES + name_bytes);
		end = start + data_bytes;
		if (name_bytes == 0 || end > size || header[HEADER_BYTES + name_bytes - 1] != '\0')
			return false;
		if (strcmp(header + HEADER_BYTES, TRAILER) == 0)
			return false; /* what follows does not count, at user level either */
		if (strcmp(header + HEADER_BYTES, name) == 0) {
			*data = bundle + start;
			*bytes = data_bytes;
			return true;
		}
		at = padded(end);
	}
	return false;
}
