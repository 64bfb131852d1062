/* SPDX-License-Identifier: MIT */
/*
 * A guest's RAM: taken in pieces of contiguous memory, and placed among guest-physical addresses.
 *
 * The first piece lies at 0 and holds all that Linux needs before it has read its device tree. It
 * is below 4 GiB for devices, too, because some can address no more. The others follow from 4 GiB
 * on: what is between belongs to device memory, interrupt messages and shared memory, whether a
 * device's addresses are physical ones or guest-physical ones.
 */
#include "arch.h"
#include "guest.h"
#include "purlin/calls.h"
#include "report.h"
#include "runtime/memory.h"

#define RIGHTS (PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_EXECUTE)
#define FIRST_MOST (1ull << 30) /* of the first piece; leaves others some of what 32 bits reach */
#define PIECE_LEAST (2 * MIB)
#define LATER_ALIGN (1ull << 30) /* more than Linux wants of memory that is added */
#define SHARED_ROOM (16 * MIB)	 /* after the first piece, for memory shared with servers */
#define HIGH_RAM (1ull << 32)
#define RAM_END (1ull << 46)	  /* of Linux's linear map, and of its sections */
#define MESSAGES_BEGIN 0xfee00000 /* devices write interrupts there (Intel SDM volume 3, 11.11) */
#define LENT_MOST (DESCRIPTION_SESSIONS * 16 * MIB)
_Static_assert(FIRST_MOST + SHARED_ROOM + LENT_MOST <= MESSAGES_BEGIN, "RAM never lies there");

static purlin_u64 least(purlin_u64 a, purlin_u64 b)
{
	return a < b ? a : b;
}

purlin_u64 guest_ram_room(const struct new_guest *guest, purlin_u64 *from)
{
	purlin_u64 end = RAM_END;

	for (unsigned int i = 0; i < guest->window_count; i++) {
		const struct guest_window *window = &guest->windows[i];

		if (window->base + window->size <= *from)
			continue;
		if (window->base >= *from + LARGE_PAGE) {
			end = least(end, window->base);
			continue;
		}
		/* In the way, or too close: try again after it. */
		*from = LARGE_PAGE_UP(window->base + window->size);
		end = RAM_END;
		i = ~0u; /* the first one again */
	}
	return *from < end ? LARGE_PAGE_DOWN(end - *from) : 0;
}

/*
 * Take as much as there is in one piece, but at most `want`; 0: not even the smallest piece can be
 * had.
 */
static purlin_u64 piece_take(struct component *component, purlin_u64 want, purlin_u64 flags)
{
	purlin_u64 *slot = &component->memory[component->memory_count];

	while (want) {
		purlin_s64 status = memory_new(component->account, want / PURLIN_PAGE_SIZE,
					       PURLIN_MEMORY_CONTIGUOUS | flags, slot);

		if (!status) {
			component->memory_count++;
			return want;
		}
		if (status != PURLIN_NO_MEMORY || want <= PIECE_LEAST)
			break;
		/* Try halves, since the kernel does not tell how long its longest run is. */
		want = LARGE_PAGE_DOWN(want / 2);
	}
	return 0;
}

/* The piece taken last, from an address on, with gaps where device memory lies. */
static purlin_s64 piece_attach(struct new_guest *guest, purlin_u64 bytes, purlin_u64 *at)
{
	struct component *component = guest->component;
	unsigned int piece = component->memory_count - 1;
	purlin_u64 offset = 0;

	while (offset < bytes) {
		struct guest_part *part = &guest->parts[guest->part_count];
		purlin_u64 room = guest_ram_room(guest, at);
		purlin_s64 status;

		if (!room || guest->part_count == GUEST_PARTS)
			return PURLIN_NO_MEMORY;
		*part = (struct guest_part){ *at, least(room, bytes - offset), piece, offset, 0 };
		status = purlin_guest_attach(component->pd, part->address, component->memory[piece],
					     offset / PURLIN_PAGE_SIZE,
					     part->bytes / PURLIN_PAGE_SIZE, RIGHTS);
		if (status)
			return status;
		guest->part_count++;
		guest->ram_bytes += part->bytes;
		offset += part->bytes;
		*at += part->bytes;
	}
	return PURLIN_OK;
}

static purlin_s64 take_first(struct new_guest *guest)
{
	purlin_u64 at = 0, room = guest_ram_room(guest, &at), bytes;
	purlin_u64 shared = SHARED_ROOM + guest->wanted->lent;

	if (at || room <= shared)
		return PURLIN_OVERLAP;
	bytes = piece_take(guest->component,
			   least(least(guest->wanted->memory, FIRST_MOST), room - shared),
			   PURLIN_MEMORY_BELOW_4G);
	return bytes ? piece_attach(guest, bytes, &at) : PURLIN_NO_MEMORY;
}

/* Addresses for what it may take at run time, behind all that it has: in one piece. */
static purlin_s64 place_later(struct new_guest *guest, purlin_u64 at)
{
	purlin_u64 bytes = guest->wanted->memory_most - guest->wanted->memory, from, room;

	do {
		from = at = (at + LATER_ALIGN - 1) & ~(LATER_ALIGN - 1);
		room = guest_ram_room(guest, &at);
		if (room >= bytes && at == from) {
			guest->later = (struct guest_range){ at, at + bytes };
			return PURLIN_OK;
		}
		/* Behind what is in the way, and else behind what is too small. */
		at += at == from ? room : 0;
	} while (room);
	report(guest->component, "devices leave no %lu MiB of addresses for memory-most",
	       bytes / MIB);
	return PURLIN_NO_MEMORY;
}

purlin_s64 guest_ram(struct new_guest *guest)
{
	purlin_u64 want = guest->wanted->memory, at = HIGH_RAM;
	purlin_s64 status = take_first(guest);

	while (!status && guest->ram_bytes < want &&
	       guest->component->memory_count < COMPONENT_MEMORIES) {
		purlin_u64 bytes = piece_take(guest->component, want - guest->ram_bytes, 0);

		if (!bytes)
			break;
		status = piece_attach(guest, bytes, &at);
		/* Devices find the next piece elsewhere: Linux must not take two for one run. */
		at = LARGE_PAGE_UP(at) + LARGE_PAGE;
	}
	if (!status && guest->wanted->memory_most)
		status = place_later(guest, at);
	if (status || guest->ram_bytes == want || guest->wanted->memory_rest)
		return status;
	report(guest->component, "of %lu MiB only %lu are free in pieces that are large enough",
	       want / MIB, guest->ram_bytes / MIB);
	return PURLIN_NO_MEMORY;
}

/*
 * Both windows show the same memory. Linux expects them from its first instruction on, before it
 * can map anything itself. The second ends with the image: what follows there is for Linux to map.
 */
purlin_s64 guest_map_kernel(struct new_guest *guest)
{
	const purlin_u64 rights = PURLIN_MAP_READ | PURLIN_MAP_WRITE;
	purlin_u64 image_bytes = least(LARGE_PAGE_UP(guest->image_end), guest->parts[0].bytes);
	purlin_u64 pd = guest->component->pd;
	purlin_s64 status = PURLIN_OK;

	for (unsigned int i = 0; !status && i < guest->part_count; i++)
		status = purlin_guest_map(pd, arch_guest_linear_map + guest->parts[i].address,
					  guest->parts[i].address,
					  guest->parts[i].bytes / PURLIN_PAGE_SIZE, rights);
	return status ?
		       status :
		       purlin_guest_map(pd, arch_guest_image_map, 0, image_bytes / PURLIN_PAGE_SIZE,
					rights | PURLIN_MAP_EXECUTE);
}
