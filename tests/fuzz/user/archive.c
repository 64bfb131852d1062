// SPDX-License-Identifier: MIT
/*
 * cpio archives: lib/formats/cpio.c. Members lie in the archive, names end in it, the walk ends,
 * the trailer is no member and nothing comes after it, and the first member of a name is the one
 * found.
 */
#include "blocks.h"

#include "lib/formats/cpio.h"

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

/* The first of the members seen so far that has the name. */
static const struct cpio_member *first_of(const struct cpio_member *seen, unsigned int count,
					  const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(seen[i].name, name))
			return &seen[i];
	return NULL;
}

static void check_found(const uint8_t *archive, size_t bytes, const char *name,
			const struct cpio_member *wanted)
{
	struct cpio_member member;

	MUST(cpio_find(archive, bytes, name, &member) == (wanted != NULL));
	MUST(!wanted || (member.data == wanted->data && member.bytes == wanted->bytes));
}

static void walk(const uint8_t *archive, size_t bytes)
{
	static struct cpio_member seen[MOST_BYTES / HEADER_BYTES + 8];
	unsigned int count = 0;
	size_t offset = 0, last = 0;

	while (cpio_next(archive, bytes, &offset, &seen[count])) {
		const struct cpio_member *member = &seen[count++];
		const uint8_t *data = member->data, *name = (const uint8_t *)member->name;

		MUST(!memcmp(archive + last, "070701", 6));
		MUST(offset > last);
		last = offset;
		MUST(name > archive && name + strlen(member->name) < archive + bytes);
		MUST(data >= archive && member->bytes <= bytes &&
		     data + member->bytes <= archive + bytes);
		MUST(strcmp(member->name, "TRAILER!!!"));
		touch(data, member->bytes);
	}
	for (unsigned int i = 0; i < count; i++)
		check_found(archive, bytes, seen[i].name, first_of(seen, count, seen[i].name));
	check_found(archive, bytes, "core", first_of(seen, count, "core"));
	check_found(archive, bytes, "TRAILER!!!", NULL);
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
