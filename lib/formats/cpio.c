/* SPDX-License-Identifier: MIT */
/* Archives in the "newc" form of cpio. The kernel links this, too: it has no C library's headers.
 */
#include "cpio.h"

/* Six characters of magic, then thirteen numbers of eight hexadecimal digits. */
#define HEADER_BYTES 110
#define FIELD(index) (6 + 8 * (index))
#define FIELD_FILE_SIZE 6
#define FIELD_NAME_SIZE 11

static bool read_field(const char *header, unsigned int field, size_t *value)
{
	const char *text = header + FIELD(field);

	*value = 0;
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int digit = (unsigned char)text[i];

		if (digit >= '0' && digit <= '9')
			digit -= '0';
		else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
			digit = (digit | 0x20) - 'a' + 10;
		else
			return false;
		*value = *value << 4 | digit;
	}
	return true;
}

/* Headers and data begin at multiples of four from the archive's start. */
static size_t round_up(size_t offset)
{
	return (offset + 3) & ~(size_t)3;
}

bool cpio_next(const void *archive, size_t bytes, size_t *offset, struct cpio_member *member)
{
	const char *start = archive;
	const char *header = start + *offset;
	size_t name_size, data;

	if (*offset > bytes || bytes - *offset < HEADER_BYTES)
		return false;
	if (__builtin_memcmp(header, "070701", 6))
		return false;
	if (!read_field(header, FIELD_NAME_SIZE, &name_size) ||
	    !read_field(header, FIELD_FILE_SIZE, &member->bytes))
		return false;
	/* Both sizes are below 2^32: these sums cannot wrap. */
	data = round_up(*offset + HEADER_BYTES + name_size);
	if (!name_size || data > bytes || member->bytes > bytes - data)
		return false;
	member->name = header + HEADER_BYTES;
	member->data = start + data;
	/* Nothing behind the trailer belongs to the archive. */
	if (member->name[name_size - 1] || !__builtin_strcmp(member->name, "TRAILER!!!"))
		return false;
	*offset = round_up(data + member->bytes);
	return true;
}

bool cpio_find(const void *archive, size_t bytes, const char *name, struct cpio_member *member)
{
	size_t offset = 0;

	while (cpio_next(archive, bytes, &offset, member)) {
		if (!__builtin_strcmp(member->name, name))
			return true;
	}
	return false;
}
