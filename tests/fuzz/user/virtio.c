// SPDX-License-Identifier: MIT
/*
 * Both ends of a device session (lib/virtio): servers that end between any two stores, clients and
 * servers that write anything into the shared memory, also while the other end reads it. Work is
 * bounded, nobody is led out of the memory, and of honest ends each request is answered once.
 */
#include "input.h"

#include <setjmp.h>

#include "purlin/types.h"
#include "runtime/virtio_client.h"
#include "runtime/virtio_server.h"
#include "virtio_step.h"

#define QUEUES 2
#define LARGEST 16 /* descriptors of a queue */
#define POOL_PAGES 2
#define HELD 8	    /* requests a server has taken and not answered */
#define BUFFERS 4   /* of an honest request */
#define REQUESTS 64 /* of an honest client, in all */
#define STEPS 200
#define MOST_CHANGES 200
/* For one call: each descriptor of the two tables, each number of the record, some dozen times. */
#define MOST_LOADS (64u * (LARGEST + VIRTIO_QUEUE_SIZE_MAX + VIRTIO_SEGMENTS))
#define FEATURES (VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT)

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_NIC,
	.features = FEATURES,
	.queues = QUEUES,
	.queue_size = LARGEST,
};

enum mode { HONEST, HOSTILE_CLIENT, HOSTILE_SERVER };

struct request {
	bool waiting;	     /* not answered */
	unsigned int handed; /* how often a server got it */
	uint32_t writable;
	unsigned int buffers;
	struct virtio_buffer buffer[BUFFERS];
};

/* A request that the server of this life has taken. */
struct held {
	bool used;
	unsigned int queue;
	struct virtio_chain chain;
};

static struct world {
	enum mode mode;
	uint8_t *memory;
	uint64_t pages, features, pool;
	uint16_t size;
	struct virtio_server server;
	struct virtio_client_queue client[QUEUES];
	struct virtio_client_entry entry[QUEUES][LARGEST];
	struct held held[HELD];
	struct request request[REQUESTS];
	unsigned int sent, deaths_left;
	bool running, forged; /* the record has been written to by another than the server */
} world;

static struct input *current;
static bool serving, changing;
static unsigned int loads, changes_left, steps_left;
static jmp_buf dead;

void virtio_step(void)
{
	if (serving && world.deaths_left && steps_left && !--steps_left) {
		world.deaths_left--;
		longjmp(dead, 1);
	}
}

/* Each load of the library comes by here: what it is about to read may change. */
static void about_to_load(void *address, unsigned int bytes)
{
	uint8_t *at = address;
	uint64_t value;

	MUST(++loads < MOST_LOADS);
	if (!changing || !changes_left || !current->left || at < world.memory ||
	    at >= world.memory + world.pages * 0x1000 || input_byte(current) < 224)
		return;
	changes_left--;
	/* What is read is often an index or a flag: small values get further. */
	value = input_byte(current) & 1 ? input_number(current) : input_choice(current, 9);
	memcpy(at, &value, bytes < 8 ? bytes : 8);
}

#define ON_LOAD about_to_load
#include "loads.h"

/* What the server is handed lies in the pool, whatever anybody wrote. */
static void check_chain(const struct virtio_chain *chain)
{
	uint64_t bytes[2] = { 0, 0 };

	MUST(chain->head < world.size && chain->segments && chain->segments <= VIRTIO_SEGMENTS);
	for (unsigned int i = 0; i < chain->segments; i++) {
		const struct virtio_segment *segment = &chain->segment[i];

		MUST(segment->length && segment->offset >= world.pool);
		MUST(segment->offset + segment->length > segment->offset);
		MUST(segment->offset + segment->length <= world.pages * 0x1000);
		MUST(!i || segment->write >= chain->segment[i - 1].write);
		bytes[segment->write] += segment->length;
	}
	MUST(bytes[0] == chain->readable && bytes[1] == chain->writable);
	MUST(bytes[0] + bytes[1] <= VIRTIO_CHAIN_BYTES);
}

/* Bytes of any length from anywhere: as many as there are, or a refusal. */
static void use_chain(const struct virtio_chain *chain)
{
	static uint8_t bytes[256];
	uint32_t at = (uint32_t)input_number(current);
	size_t count = 1 + input_choice(current, sizeof(bytes));

	MUST(virtio_chain_read(&world.server, chain, at, bytes, count) ==
	     (at + (uint64_t)count <= chain->readable));
	MUST(virtio_chain_write(&world.server, chain, at, bytes, count) ==
	     (at + (uint64_t)count <= chain->writable));
}

/* It is what the client sent; and a server that did it before says so to its successor. */
static void check_request(unsigned int queue, const struct virtio_chain *chain)
{
	const struct virtio_client_entry *entry = &world.entry[queue][chain->head];
	struct request *request = entry->token;

	MUST(entry->count && request->waiting && chain->segments == request->buffers);
	MUST(chain->again || !request->handed);
	request->handed++;
	for (unsigned int i = 0; i < chain->segments; i++) {
		MUST(chain->segment[i].offset == request->buffer[i].offset);
		MUST(chain->segment[i].length == request->buffer[i].length);
		MUST(chain->segment[i].write == request->buffer[i].write);
	}
}

/* The server's end. */

static struct held *held_find(bool used, unsigned int from)
{
	for (unsigned int i = 0; i < HELD; i++) {
		struct held *held = &world.held[(from + i) % HELD];

		if (held->used == used)
			return held;
	}
	return NULL;
}

static bool held_already(unsigned int queue, uint16_t head)
{
	for (unsigned int i = 0; i < HELD; i++)
		if (world.held[i].used && world.held[i].queue == queue &&
		    world.held[i].chain.head == head)
			return true;
	return false;
}

static void server_take(unsigned int queue)
{
	struct held *held = held_find(false, 0);
	bool broken = world.server.broken;
	static struct virtio_chain chain;

	if (!held || !virtio_server_next(&world.server, queue, &chain))
		return;
	MUST(!broken && !world.server.broken);
	check_chain(&chain);
	/* Who writes the record himself can have a number handed out twice. */
	MUST(changing || world.forged || !held_already(queue, chain.head));
	if (world.mode == HONEST)
		check_request(queue, &chain);
	else
		use_chain(&chain);
	held->used = true;
	held->queue = queue;
	held->chain = chain;
}

static void server_answer(unsigned int from)
{
	struct held *held = held_find(true, from);

	if (!held)
		return;
	held->used = false;
	virtio_server_answer(&world.server, held->queue, held->chain.head, held->chain.writable);
}

/* An answer to what is not in flight does not get out. */
static void server_answer_wrongly(unsigned int queue)
{
	uint16_t head = (uint16_t)input_number(current);
	uint16_t before = world.server.queue[queue].used_index;
	const struct virtio_record *record = world.server.queue[queue].record;

	if (changing || (head < world.size && record->flight[head].order))
		return;
	virtio_server_answer(&world.server, queue, head, 0);
	MUST(world.server.queue[queue].used_index == before);
}

static void held_forget(void)
{
	for (unsigned int i = 0; i < HELD; i++)
		world.held[i].used = false;
}

static void server_start(void)
{
	int64_t status;

	held_forget();
	memset(&world.server, 0, sizeof(world.server));
	status = virtio_server_start(&world.server, &kind, world.memory, world.pages,
				     world.features, world.size);
	MUST(world.mode != HONEST || (!status && !world.server.broken));
	world.running = !status;
}

/* With any words: what is accepted has room for its queues and a pool. */
static void server_start_oddly(void)
{
	uint64_t pages = input_choice(current, 2) ? input_number(current) : world.pages;
	uint64_t size = input_choice(current, 2) ? input_number(current) : world.size;
	uint64_t features = input_choice(current, 2) ? input_number(current) : world.features;

	if (pages > world.pages && pages < 1ull << 52)
		return; /* there is no such memory, and its caller makes sure */
	held_forget();
	world.running =
		!virtio_server_start(&world.server, &kind, world.memory, pages, features, size);
	if (!world.running)
		return;
	world.forged |= size != world.size;
	MUST(size >= 2 && size <= LARGEST && !(features & ~FEATURES) && pages <= world.pages);
	world.size = (uint16_t)size;
	world.pages = pages;
	world.features = features;
	world.pool = VIRTIO_POOL(size, QUEUES);
	MUST(world.pool < pages * 0x1000);
}

static void server_step(unsigned int what, unsigned int queue)
{
	if (!world.running)
		server_start();
	else if (what < 4)
		server_take(queue);
	else if (what < 6)
		server_answer(what * 5 + queue);
	else if (what == 6 && world.mode != HOSTILE_SERVER)
		server_answer_wrongly(queue);
	else
		virtio_server_signals(&world.server, queue, what & 1);
}

/* Whatever it does it may end at; whoever comes then goes on. */
static void server_do(unsigned int what, unsigned int queue)
{
	steps_left = world.deaths_left ? input_choice(current, 48) : 0;
	if (setjmp(dead)) {
		world.running = false;
		held_forget();
	} else {
		serving = true;
		server_step(what, queue);
	}
	serving = false;
}

/* The client's end. */

static void client_send(unsigned int queue)
{
	struct request *request = &world.request[world.sent];
	unsigned int reads = input_choice(current, BUFFERS + 1);
	unsigned int at = input_byte(current);

	if (world.sent == REQUESTS)
		return;
	request->handed = 0;
	request->buffers = 1 + input_choice(current, BUFFERS);
	request->writable = 0;
	for (unsigned int i = 0; i < request->buffers; i++) {
		struct virtio_buffer *buffer = &request->buffer[i];

		*buffer = (struct virtio_buffer){ world.pool + at * 16, at + i + 1, i >= reads };
		request->writable += buffer->write ? buffer->length : 0;
	}
	if (!virtio_client_add(&world.client[queue], request->buffer, request->buffers, request))
		return;
	request->waiting = true;
	world.sent++;
}

static void client_receive(unsigned int queue)
{
	struct virtio_client_queue *client = &world.client[queue];
	bool broken = client->broken;
	uint32_t written = 0;
	struct request *request = virtio_client_answer(client, &written);

	if (!request)
		return;
	MUST(!broken && !client->broken);
	MUST(request >= world.request && request < world.request + world.sent);
	MUST(request->waiting && written <= request->writable);
	MUST(world.mode == HOSTILE_SERVER || request->handed);
	request->waiting = false;
}

/* Somewhere a number; most often where the rings are. */
static void garbage_put(void)
{
	uint64_t value = input_number(current);
	unsigned int bytes = 1u << input_choice(current, 4);
	unsigned int queue = input_choice(current, QUEUES);
	uint64_t base = VIRTIO_QUEUE(world.size, queue), at;

	switch (input_choice(current, 6)) {
	case 0:
		at = base + input_byte(current) * 2;
		break;
	case 1:
		at = base + VIRTIO_AVAILABLE(world.size) + input_choice(current, 40) * 2;
		break;
	case 2:
		at = base + VIRTIO_USED(world.size) + input_choice(current, 80) * 2;
		break;
	case 3:
		at = base + VIRTIO_RECORD(world.size) + input_choice(current, 100) * 2;
		break;
	case 4:
		at = world.pool + input_byte(current) * 2;
		break;
	default:
		at = input_choice(current, 32) * 4;
	}
	if (at + bytes > world.pages * 0x1000)
		return;
	memcpy(world.memory + at, &value, bytes);
	world.forged |= at + bytes > base + VIRTIO_RECORD(world.size) && at < world.pool;
}

/* A chain that is nearly right: tables in the pool, and what a hostile client would try with them.
 */
static void chain_put(void)
{
	unsigned int queue = input_choice(current, QUEUES);
	struct virtio_descriptor *table = world.client[queue].descriptors;
	unsigned int entries = world.size, count = 1 + input_choice(current, 4);
	unsigned int head = input_choice(current, 17) % (world.size + 1u);
	struct virtio_available *available = world.client[queue].available;

	if (input_choice(current, 2)) {
		table = (void *)(world.memory + world.pool);
		entries = 16;
		head = 0;
	}
	for (unsigned int i = 0; i < count; i++) {
		struct virtio_descriptor *descriptor = &table[(head + i) % entries];
		unsigned int flags = input_byte(current), odd = input_byte(current);

		descriptor->address =
			odd % 16 == 1 ? input_number(current) : world.pool + (flags >> 3) * 16;
		descriptor->length =
			odd % 16 == 2 ? (purlin_u32)input_number(current) : 16u * (1 + odd / 16);
		descriptor->next = (purlin_u16)(odd % 16 == 3 ? odd / 16 : head + i + 1);
		descriptor->flags =
			(purlin_u16)(odd % 16 == 4 ? flags & 7 : (flags & 2) | (i + 1 < count));
	}
	if (table != world.client[queue].descriptors)
		world.client[queue].descriptors[head] =
			(struct virtio_descriptor){ world.pool, 16 * count,
						    VIRTIO_DESCRIPTOR_INDIRECT, 0 };
	available->ring[available->index % world.size] = (purlin_u16)head;
	available->index++;
}

static void client_step(unsigned int what, unsigned int queue)
{
	if (world.mode == HOSTILE_CLIENT) {
		if (what < 4)
			chain_put();
		else if (what < 7)
			garbage_put();
		else
			server_start_oddly();
	} else if (what < 3) {
		client_send(queue);
	} else if (what < 6) {
		client_receive(queue);
	} else if (world.mode == HOSTILE_SERVER) {
		garbage_put();
	} else {
		virtio_client_signal(&world.client[queue]);
	}
}

static bool waiting(void)
{
	for (unsigned int i = 0; i < world.sent; i++)
		if (world.request[i].waiting)
			return true;
	return false;
}

/* The end of an honest run: nobody dies any more, and everything that was asked is answered. */
static void settle(void)
{
	world.deaths_left = 0;
	for (unsigned int round = 0; round < 2 * REQUESTS && waiting(); round++) {
		loads = 0;
		for (unsigned int queue = 0; queue < QUEUES; queue++) {
			server_do(0, queue);
			server_do(4, queue);
			client_receive(queue);
		}
	}
	MUST(!waiting());
}

/* A session from its beginning. */
static void session_set(void)
{
	memset(world.memory, 0, world.pages * 0x1000);
	held_forget();
	for (unsigned int i = 0; i < QUEUES; i++)
		virtio_client_open(&world.client[i], world.memory, i, world.size, world.entry[i]);
	world.sent = 0;
	world.running = world.forged = false;
}

/* Nothing happens any more in a broken one: another, sometimes at once. */
static void session_renew(void)
{
	bool broken = world.server.broken || world.client[0].broken || world.client[1].broken;

	if (world.mode != HONEST && broken && input_choice(current, 2))
		session_set();
}

static void world_set(void)
{
	world.mode = input_choice(current, 3);
	changing = input_choice(current, 2) && world.mode != HONEST;
	changes_left = MOST_CHANGES;
	world.deaths_left = world.mode == HONEST ? 20 : 0;
	world.size = (uint16_t)(2u << input_choice(current, 4));
	world.features = FEATURES & ~(input_choice(current, 8) ? 0 : VIRTIO_FEATURE_INDIRECT);
	world.pool = VIRTIO_POOL(world.size, QUEUES);
	world.pages = world.pool / 0x1000 + POOL_PAGES;
	world.memory = aligned_alloc(0x1000, world.pages * 0x1000);
	memset(&world.server, 0, sizeof(world.server));
	memset(world.request, 0, sizeof(world.request));
	session_set();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	current = &input;
	serving = false;
	loads = 0;
	world_set();
	for (unsigned int i = 0; i < STEPS && input.left; i++) {
		unsigned int what = input_byte(&input);

		loads = 0;
		if (what & 1)
			server_do(what >> 1 & 7, what >> 4 & 1);
		else
			client_step(what >> 1 & 7, what >> 4 & 1);
		session_renew();
	}
	if (world.mode == HONEST)
		settle();
	free(world.memory);
	return 0;
}
