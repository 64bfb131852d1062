/* SPDX-License-Identifier: MIT */
/* Both ends of a device session: requests, servers that end between any two stores, and garbage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "purlin/types.h"
#include "runtime/virtio_client.h"
#include "runtime/virtio_server.h"
#include "virtio_step.h"

#define SIZE 8
#define PAGES 32
#define FEATURES (VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT)
#define REQUESTS 20
#define POOL VIRTIO_POOL(SIZE, 1)
#define NEVER ~0u

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_BLOCK,
	.features = FEATURES,
	.queues = 1,
	.queue_size = 256,
};

static _Alignas(4096) uint8_t memory[PAGES * 0x1000];
static struct virtio_server server;
static struct virtio_client_queue client;
static struct virtio_client_entry entries[SIZE];
static struct virtio_control *control = (void *)memory;

/* The server ends at this step; the steps of one life. */
static unsigned int death = NEVER, steps;
static bool serving;
static jmp_buf dead;

void virtio_step(void)
{
	if (serving && steps++ == death)
		longjmp(dead, 1);
}

static int64_t start(uint64_t features, uint64_t size)
{
	return virtio_server_start(&server, &kind, memory, PAGES, features, size);
}

static int setup(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	memset(&server, 0, sizeof(server));
	death = NEVER;
	serving = false;
	virtio_client_open(&client, memory, 0, SIZE, entries);
	return 0;
}

/* A request asks for three times a number. It has two buffers to read and one to write. */
struct job {
	uint64_t number;
	unsigned int answers;
};
static struct job jobs[REQUESTS];
static unsigned int done[REQUESTS], sent;

static uint64_t place(unsigned int slot)
{
	return POOL + slot * 64;
}

static bool send(unsigned int number)
{
	uint64_t at = place(number);
	struct virtio_buffer buffers[] = { { at, 4, false },
					   { at + 8, 4, false },
					   { at + 16, 8, true } };
	uint64_t value = number + 1;

	memcpy(memory + at, &value, 4);
	memset(memory + at + 4, 0, 20);
	return virtio_client_add(&client, buffers, 3, &jobs[number]);
}

static void receive(void)
{
	struct job *job;
	uint32_t written;

	while ((job = virtio_client_answer(&client, &written))) {
		unsigned int number = (unsigned int)(job - jobs);
		uint64_t value;

		memcpy(&value, memory + place(number) + 16, 8);
		assert_int_equal(written, 8);
		assert_int_equal(value, 3 * (number + 1));
		job->answers++;
	}
}

static void do_job(struct virtio_chain *chain)
{
	uint64_t number;

	assert_int_equal(chain->readable, 8);
	assert_int_equal(chain->writable, 8);
	assert_true(virtio_chain_read(&server, chain, 0, &number, 8));
	assert_in_range(number, 1, REQUESTS);
	done[number - 1]++;
	number *= 3;
	assert_true(virtio_chain_write(&server, chain, 0, &number, 8));
}

/* Two requests are taken at a time and answered in reverse order. */
static void serve(void)
{
	static struct virtio_chain first, second;

	serving = true;
	while (virtio_server_next(&server, 0, &first)) {
		bool two = virtio_server_next(&server, 0, &second);

		if (two)
			do_job(&second);
		do_job(&first);
		if (two)
			virtio_server_answer(&server, 0, second.head, 8);
		virtio_server_answer(&server, 0, first.head, 8);
	}
	serving = false;
}

static void life(bool forgets)
{
	if (setjmp(dead)) {
		serving = false;
		death = NEVER;
		if (forgets)
			memset(memory + VIRTIO_QUEUE(SIZE, 0) + VIRTIO_RECORD(SIZE) + 16, 0,
			       SIZE * 8);
		life(false);
		return;
	}
	steps = 0;
	serving = true;
	memset(&server, 0, sizeof(server));
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	serve();
}

/* All requests, with a server that ends at this step of some life; how many were answered. */
static unsigned int run(unsigned int round, unsigned int step, bool forgets)
{
	unsigned int answered = 0;

	setup(NULL);
	memset(jobs, 0, sizeof(jobs));
	memset(done, 0, sizeof(done));
	sent = 0;
	for (unsigned int i = 0; i < REQUESTS; i++) {
		while (sent < REQUESTS && send(sent))
			sent++;
		death = i == round ? step : NEVER;
		life(forgets);
		receive();
	}
	for (unsigned int i = 0; i < REQUESTS; i++) {
		assert_in_range(jobs[i].answers, 0, 1);
		answered += jobs[i].answers;
	}
	/* Whoever gets an answer twice believes nothing any more. */
	return client.broken ? 0 : answered;
}

static void every_death(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 4; round++) {
		for (unsigned int step = 0; step < 120; step++) {
			unsigned int twice = 0;

			assert_int_equal(run(round, step, false), REQUESTS);
			for (unsigned int i = 0; i < REQUESTS; i++) {
				assert_in_range(done[i], 1, 2);
				twice += done[i] - 1;
			}
			/* Only what was in flight. */
			assert_in_range(twice, 0, 2);
			assert_int_equal(control->state, VIRTIO_STATE_RUNNING);
		}
	}
}

/* Without the record requests are lost: what every_death() looks for can happen. */
static void death_without_record(void **state)
{
	unsigned int lost = 0;

	(void)state;
	for (unsigned int step = 0; step < 60; step++)
		lost += REQUESTS - run(0, step, true);
	assert_in_range(lost, 1, 60 * REQUESTS);
}

static void starts(void **state)
{
	(void)state;
	assert_int_equal(start(FEATURES | 4, SIZE), PURLIN_BAD_ARGUMENT);
	assert_int_equal(start(VIRTIO_FEATURE_INDIRECT, SIZE), PURLIN_BAD_ARGUMENT);
	assert_int_equal(start(FEATURES, 0), PURLIN_BAD_ARGUMENT);
	assert_int_equal(start(FEATURES, 1), PURLIN_BAD_ARGUMENT);
	assert_int_equal(start(FEATURES, 12), PURLIN_BAD_ARGUMENT);
	assert_int_equal(start(FEATURES, 512), PURLIN_BAD_ARGUMENT);
	assert_int_equal(start(FEATURES, 1ull << 32 | SIZE), PURLIN_BAD_ARGUMENT);
	assert_int_equal(virtio_server_start(&server, &kind, memory, POOL / 0x1000, FEATURES, SIZE),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(virtio_server_start(&server, &kind, memory, ~0ull, FEATURES, SIZE),
			 PURLIN_BAD_ARGUMENT);
	assert_int_equal(control->state, VIRTIO_STATE_NEW);
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	assert_int_equal(control->state, VIRTIO_STATE_RUNNING);
	assert_int_equal(control->type, VIRTIO_TYPE_BLOCK);
	assert_int_equal(control->lives, 1);
	/* A later life: the same, or it is refused. */
	assert_int_equal(start(VIRTIO_FEATURE_VERSION_1, SIZE), PURLIN_BAD_ARGUMENT);
	assert_int_equal(start(FEATURES, 2 * SIZE), PURLIN_BAD_ARGUMENT);
	control->type = VIRTIO_TYPE_ENTROPY;
	assert_int_equal(start(FEATURES, SIZE), PURLIN_BAD_ARGUMENT);
	control->type = VIRTIO_TYPE_BLOCK;
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	assert_int_equal(control->lives, 2);
}

/* Put one descriptor. */
static void descriptor(unsigned int at, uint64_t address, uint32_t length, uint16_t flags,
		       uint16_t next)
{
	client.descriptors[at] = (struct virtio_descriptor){ address, length, flags, next };
}

static void offer(uint16_t head)
{
	client.available->ring[client.available->index % SIZE] = head;
	client.available->index++;
}

/* Nothing comes out, the session says why, and stays so in the next life. */
static void check_broken(uint32_t reason)
{
	struct virtio_chain chain;

	assert_false(virtio_server_next(&server, 0, &chain));
	assert_int_equal(control->state, VIRTIO_STATE_BROKEN);
	assert_int_equal(control->reason, reason);
	assert_false(virtio_server_next(&server, 0, &chain));
	assert_false(virtio_server_answer(&server, 0, 0, 0));
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	assert_false(virtio_server_next(&server, 0, &chain));
	assert_int_equal(control->state, VIRTIO_STATE_BROKEN);
	setup(NULL);
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
}

#define NEXT VIRTIO_DESCRIPTOR_NEXT
#define WRITE VIRTIO_DESCRIPTOR_WRITE
#define INDIRECT VIRTIO_DESCRIPTOR_INDIRECT

static void bad_rings(void **state)
{
	(void)state;
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	client.available->index = SIZE + 1;
	check_broken(VIRTIO_BROKEN_INDEX);
	offer(SIZE);
	check_broken(VIRTIO_BROKEN_HEAD);
	offer(0xffff);
	check_broken(VIRTIO_BROKEN_HEAD);
	/* The same again while it is in flight. */
	descriptor(0, POOL, 8, 0, 0);
	offer(0);
	assert_true(virtio_server_next(&server, 0, &(struct virtio_chain){ 0 }));
	offer(0);
	check_broken(VIRTIO_BROKEN_HEAD);
}

static void bad_chains(void **state)
{
	static const struct {
		uint64_t address;
		uint32_t length;
		uint16_t flags, next;
		uint32_t reason;
	} bad[] = {
		{ POOL - 1, 8, 0, 0, VIRTIO_BROKEN_ADDRESS },
		{ 0, 8, WRITE, 0, VIRTIO_BROKEN_ADDRESS },
		{ POOL, 0, 0, 0, VIRTIO_BROKEN_ADDRESS },
		{ sizeof(memory), 1, 0, 0, VIRTIO_BROKEN_ADDRESS },
		{ sizeof(memory) - 8, 9, 0, 0, VIRTIO_BROKEN_ADDRESS },
		{ ~0ull, 2, 0, 0, VIRTIO_BROKEN_ADDRESS },
		{ ~7ull, 0x10000, 0, 0, VIRTIO_BROKEN_ADDRESS },
		{ POOL, 8, NEXT, SIZE, VIRTIO_BROKEN_HEAD },
		{ POOL, 8, NEXT, 0, VIRTIO_BROKEN_LOOP },
		{ POOL, 16, INDIRECT | NEXT, 0, VIRTIO_BROKEN_INDIRECT },
		{ POOL, 15, INDIRECT, 0, VIRTIO_BROKEN_INDIRECT },
		{ POOL + 8, 16, INDIRECT, 0, VIRTIO_BROKEN_INDIRECT },
		{ POOL, 0xfffffff0, INDIRECT, 0, VIRTIO_BROKEN_INDIRECT },
		{ POOL, 0, INDIRECT, 0, VIRTIO_BROKEN_ADDRESS },
		{ sizeof(memory) - 16, 32, INDIRECT, 0, VIRTIO_BROKEN_ADDRESS },
	};

	(void)state;
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		descriptor(0, bad[i].address, bad[i].length, bad[i].flags, bad[i].next);
		offer(0);
		check_broken(bad[i].reason);
	}
	descriptor(0, POOL, 8, WRITE | NEXT, 1);
	descriptor(1, POOL, 8, 0, 0);
	offer(0);
	check_broken(VIRTIO_BROKEN_ORDER);
}

/* Tables of descriptors in the pool. */
static void indirect(void **state)
{
	struct virtio_descriptor *table = (void *)(memory + POOL);
	struct virtio_chain chain;

	(void)state;
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	table[0] = (struct virtio_descriptor){ POOL + 64, 16, NEXT, 1 };
	table[1] = (struct virtio_descriptor){ POOL + 128, 32, WRITE, 0 };
	descriptor(3, POOL, 32, INDIRECT, 0);
	offer(3);
	assert_true(virtio_server_next(&server, 0, &chain));
	assert_int_equal(chain.head, 3);
	assert_int_equal(chain.segments, 2);
	assert_int_equal(chain.readable, 16);
	assert_int_equal(chain.writable, 32);
	/* A table in a table; one that leads out of itself; one that goes round. */
	table[0].flags = INDIRECT;
	descriptor(2, POOL, 32, INDIRECT, 0);
	offer(2);
	check_broken(VIRTIO_BROKEN_INDIRECT);
	table[0] = (struct virtio_descriptor){ POOL + 64, 16, NEXT, 2 };
	descriptor(2, POOL, 32, INDIRECT, 0);
	offer(2);
	check_broken(VIRTIO_BROKEN_HEAD);
	table[0] = (struct virtio_descriptor){ POOL + 64, 16, NEXT, 0 };
	descriptor(2, POOL, 32, INDIRECT, 0);
	offer(2);
	check_broken(VIRTIO_BROKEN_LOOP);
	/* Without the feature there are none. */
	setup(NULL);
	assert_int_equal(start(VIRTIO_FEATURE_VERSION_1, SIZE), PURLIN_OK);
	descriptor(2, POOL, 32, INDIRECT, 0);
	offer(2);
	assert_false(virtio_server_next(&server, 0, &chain));
	assert_int_equal(control->reason, VIRTIO_BROKEN_INDIRECT);
}

/* Buffers may overlap, so a few bytes of the pool make a request of any length. */
static void too_much(void **state)
{
	struct virtio_descriptor *table = (void *)(memory + POOL);

	(void)state;
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	for (unsigned int i = 0; i < VIRTIO_SEGMENTS + 1; i++)
		table[i] = (struct virtio_descriptor){ POOL, 8, NEXT, (uint16_t)(i + 1) };
	table[VIRTIO_SEGMENTS].flags = 0;
	descriptor(0, POOL, 16 * (VIRTIO_SEGMENTS + 1), INDIRECT, 0);
	offer(0);
	check_broken(VIRTIO_BROKEN_LOOP);
	for (unsigned int i = 0; i < VIRTIO_SEGMENTS; i++)
		table[i] = (struct virtio_descriptor){ POOL, (uint32_t)(sizeof(memory) - POOL),
						       NEXT, (uint16_t)(i + 1) };
	table[VIRTIO_SEGMENTS - 1].flags = 0;
	descriptor(0, POOL, 16 * VIRTIO_SEGMENTS, INDIRECT, 0);
	offer(0);
	check_broken(VIRTIO_BROKEN_LENGTH);
}

static void transfers(void **state)
{
	struct virtio_chain chain;
	uint8_t bytes[12] = { 0 };

	(void)state;
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	assert_true(send(0));
	memcpy(memory + place(0), "abcd", 4);
	memcpy(memory + place(0) + 8, "efgh", 4);
	assert_true(virtio_server_next(&server, 0, &chain));
	assert_true(virtio_chain_read(&server, &chain, 2, bytes, 5));
	assert_memory_equal(bytes, "cdefg", 6);
	assert_false(virtio_chain_read(&server, &chain, 2, bytes, 7));
	assert_false(virtio_chain_read(&server, &chain, 0xffffffff, bytes, 1));
	assert_true(virtio_chain_write(&server, &chain, 6, "xy", 2));
	assert_memory_equal(memory + place(0) + 22, "xy", 2);
	assert_false(virtio_chain_write(&server, &chain, 7, "xy", 2));
}

static void signals(void **state)
{
	struct virtio_chain chain;

	(void)state;
	assert_int_equal(start(FEATURES, SIZE), PURLIN_OK);
	assert_true(virtio_client_signal(&client));
	virtio_server_signals(&server, 0, false);
	assert_false(virtio_client_signal(&client));
	virtio_server_signals(&server, 0, true);
	assert_true(virtio_client_signal(&client));
	assert_true(send(0));
	assert_true(virtio_server_next(&server, 0, &chain));
	assert_true(virtio_server_answer(&server, 0, chain.head, 8));
	assert_false(virtio_server_answer(&server, 0, chain.head, 8));
	assert_true(send(1));
	client.available->flags = VIRTIO_QUIET;
	assert_true(virtio_server_next(&server, 0, &chain));
	assert_false(virtio_server_answer(&server, 0, chain.head, 8));
}

/* What a server may say, and the client must not believe. */
static void bad_server(void **state)
{
	struct virtio_used *used = (void *)(uintptr_t)client.used;
	uint32_t written;

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		static const struct virtio_used_element bad[] = {
			{ 1, 0 }, { SIZE, 0 }, { ~0u, 0 }, { 0, 9 }
		};

		setup(NULL);
		assert_true(send(0));
		used->ring[0] = bad[i];
		used->index = 1;
		assert_null(virtio_client_answer(&client, &written));
		assert_true(client.broken);
	}
	/* An answer twice. */
	setup(NULL);
	assert_true(send(0));
	used->ring[0] = used->ring[1] = (struct virtio_used_element){ 0, 8 };
	used->index = 2;
	assert_ptr_equal(virtio_client_answer(&client, &written), &jobs[0]);
	assert_null(virtio_client_answer(&client, &written));
	assert_true(client.broken);
}

/* Any memory at all: the server comes to an end, and touches nothing else (ASan). */
static void garbage(void **state)
{
	static struct virtio_chain chain;

	(void)state;
	srand(1);
	for (unsigned int round = 0; round < 2000; round++) {
		unsigned int taken = 0;

		for (unsigned int i = 0; i < POOL + 0x1000; i++)
			memory[i] = (uint8_t)(rand() % 3 ? rand() % 9 : rand());
		control->state = round % 3;
		control->type = kind.type;
		control->features = FEATURES;
		control->queue_size = SIZE;
		if (start(FEATURES, SIZE) != PURLIN_OK)
			continue;
		while (virtio_server_next(&server, 0, &chain)) {
			virtio_server_answer(&server, 0, chain.head, chain.writable);
			assert_in_range(++taken, 1, 2 * SIZE);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_death), TEST(death_without_record),
		TEST(starts),	   TEST(bad_rings),
		TEST(bad_chains),  TEST(indirect),
		TEST(too_much),	   TEST(transfers),
		TEST(signals),	   TEST(bad_server),
		TEST(garbage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
