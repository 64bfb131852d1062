// SPDX-License-Identifier: MIT
/*
 * cpio archives: lib/purlin/cpio.c and kernel/base/archive.c. Members lie in the archive, names end
 * in it, the walk ends, and both readers find the same.
 */
#include "blocks.h"

#include "base/archive.h"
#include "runtime/cpio.h"

#define HEADER_BYTES 110
#define MOST_BYTES 0x8000

static size_t padded(size_t bytes)
{
	return (bytes + 3) & ~(size_t)3;
}

static uint32_t odd_size(struct input *input, uint32_t right)
{
	return input_byte(input) < 240 ? right : (uint32_t)input_number(input);
}

/* One member; returns where the next begins. */
static size_t put_member(struct input *input, uint8_t *archive, size_t at)
{
	char header[HEADER_BYTES + 1];
	static const char *const names[] = { "core", "init", "TRAILER!!!", "" };
	unsigned int which = input_choice(input, 8);
	const char *name = which < 4 ? names[which] : NULL;
	unsigned int name_bytes =
		name ? (unsigned int)strlen(name) + 1 : 1 + input_choice(input, 24);
	uint32_t bytes = input_choice(input, 64);

	snprintf(header, sizeof(header), "%s%048x%08x%032x%08x%08x",
		 input_byte(input) < 250 ? "070701" : "070702", 0, odd_size(input, bytes), 0,
		 odd_size(input, name_bytes), 0);
	memcpy(archive + at, header, HEADER_BYTES);
	if (input_byte(input) > 250)
		archive[at + input_byte(input) % HEADER_BYTES] = input_byte(input);
	at += HEADER_BYTES;
	if (name) {
		memcpy(archive + at, name, name_bytes);
	} else {
		input_fill(input, archive + at, name_bytes);
		archive[at + name_bytes - 1] &= input_byte(input) < 240 ? 0 : 0xff;
	}
	at = padded(at + name_bytes);
	input_fill(input, archive + at, bytes);
	return padded(at + bytes);
}

static uint8_t *make_archive(struct input *input, size_t *bytes)
{
	static uint8_t archive[MOST_BYTES + 512];
	uint8_t *exact;
	size_t at = 0;

	memset(archive, 0, sizeof(archive));
	while (at < MOST_BYTES - 512 && input->left)
		at = put_member(input, archive, at);
	*bytes = at;
	exact = malloc(at + !at);
	memcpy(exact, archive, at);
	return exact;
}

/* The first member of each name is what both find. "070702" only the library takes. */
static void compare(const uint8_t *archive, size_t bytes, const char *name, bool strict)
{
	struct cpio_member member;
	const void *data = NULL;
	size_t data_bytes = 0;
	bool found = cpio_find(archive, bytes, name, &member);

	if (!archive_find(archive, bytes, name, &data, &data_bytes))
		MUST(!strict);
	else
		MUST(found && data == member.data && data_bytes == member.bytes);
}

static void walk(const uint8_t *archive, size_t bytes)
{
	struct cpio_member member;
	size_t offset = 0, last = 0;
	bool strict = true;

	while (strict = strict && offset + 6 <= bytes && !memcmp(archive + offset, "070701", 6),
	       cpio_next(archive, bytes, &offset, &member)) {
		const uint8_t *data = member.data, *name = (const uint8_t *)member.name;

		MUST(offset > last);
		last = offset;
		MUST(name > archive && name + strlen(member.name) < archive + bytes);
		MUST(data >= archive && member.bytes <= bytes &&
		     data + member.bytes <= archive + bytes);
		touch(data, member.bytes);
		compare(archive, bytes, member.name, strict);
	}
	compare(archive, bytes, "core", false);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	size_t bytes;
	uint8_t *archive;

	if (!input_bit(&input)) {
		archive = make_archive(&input, &bytes);
	} else {
		archive = input_rest(&input, &bytes);
	}
	walk(archive, bytes);
	free(archive);
	return 0;
}
