/* SPDX-License-Identifier: MIT */
/*
 * The heap: blocks in order of address within each chunk of memory. First fit. Free neighbours are
 * merged when a search meets them, not in free(), so no block needs a way to the one before it.
 * Chunks are never given back: components allocate little, and mostly at their start.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "runtime/heap.h"
#include "runtime/memory.h"

#define CHUNK_PAGES 16
#define ALIGN 16

/*
 * Precedes each block. A block has no size of its own: it ends where the next header begins. Hence
 * the last header of a chunk, which has no block and is in use for ever: it ends the one before.
 */
struct block {
	struct block *next; /* by address, NULL in a chunk's last */
	bool used;
};
_Static_assert(sizeof(struct block) == ALIGN, "blocks stay aligned");

struct chunk {
	struct chunk *next;
	struct block *first;
};

static struct chunk *chunks;

static size_t block_bytes(const struct block *block)
{
	return (size_t)((char *)block->next - (char *)(block + 1));
}

static void merge_with_next(struct block *block)
{
	while (block->next && block->next->next && !block->next->used)
		block->next = block->next->next;
}

/* Make a free block of what is left over, if that is enough for a header and the least block. */
static void split(struct block *block, size_t bytes)
{
	struct block *rest;

	/* A smaller rest could hold nothing: it stays part of the block. */
	if (block_bytes(block) < bytes + sizeof(struct block) + ALIGN)
		return;
	rest = (struct block *)((char *)(block + 1) + bytes);
	rest->next = block->next;
	rest->used = false;
	block->next = rest;
}

static void *take(size_t bytes)
{
	for (struct chunk *chunk = chunks; chunk; chunk = chunk->next) {
		for (struct block *block = chunk->first; block->next; block = block->next) {
			if (block->used)
				continue;
			/* Here rather than in free(), which needs no search that way. */
			merge_with_next(block);
			if (block_bytes(block) < bytes)
				continue;
			split(block, bytes);
			block->used = true;
			return block + 1;
		}
	}
	return NULL;
}

/* Chunks stay for good: most components reach a size and keep it. */
static void add_chunk(void *memory, size_t bytes)
{
	struct chunk *chunk = memory;
	struct block *last = (struct block *)((char *)memory + bytes) - 1;

	chunk->first = (struct block *)(chunk + 1);
	chunk->first->next = last;
	chunk->first->used = false;
	last->next = NULL;
	last->used = true;
	chunk->next = chunks;
	chunks = chunk;
}

/*
 * New memory for at least one block of that size. The lock is taken only afterwards, since the
 * memory needs addresses, whose allocator takes the same lock. Two threads that find the heap full
 * at once both grow it, which is harmless.
 */
static bool grow(size_t bytes)
{
	size_t pages = PAGES_OF(bytes + sizeof(struct chunk) + 2 * sizeof(struct block));
	purlin_u64 memory;
	void *address;

	if (pages < CHUNK_PAGES)
		pages = CHUNK_PAGES;
	if (memory_new_mapped(pages, 0, &memory, &address))
		return false;
	lock_acquire(&runtime_lock);
	add_chunk(address, pages * PURLIN_PAGE_SIZE);
	lock_release(&runtime_lock);
	return true;
}

void *malloc(size_t bytes)
{
	void *memory;

	/* So that rounding up, here and in grow(), cannot wrap. */
	if (bytes > SIZE_MAX / 2)
		return NULL;
	bytes = bytes ? (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1) : ALIGN;
	do {
		lock_acquire(&runtime_lock);
		memory = take(bytes);
		lock_release(&runtime_lock);
	} while (!memory && grow(bytes));
	return memory;
}

void free(void *memory)
{
	if (!memory)
		return;
	lock_acquire(&runtime_lock);
	((struct block *)memory - 1)->used = false;
	lock_release(&runtime_lock);
}

void *calloc(size_t count, size_t bytes)
{
	size_t all;
	void *memory;

	if (__builtin_mul_overflow(count, bytes, &all))
		return NULL;
	memory = malloc(all);
	return memory ? memset(memory, 0, all) : NULL;
}

void *realloc(void *old, size_t bytes)
{
	void *memory = malloc(bytes);
	size_t kept;

	if (!memory || !old)
		return memory;
	kept = block_bytes((struct block *)old - 1);
	memcpy(memory, old, kept < bytes ? kept : bytes);
	free(old);
	return memory;
}

unsigned int heap_blocks_in_use(void)
{
	unsigned int count = 0;

	lock_acquire(&runtime_lock);
	for (const struct chunk *chunk = chunks; chunk; chunk = chunk->next)
		for (const struct block *block = chunk->first; block->next; block = block->next)
			count += block->used;
	lock_release(&runtime_lock);
	return count;
}
