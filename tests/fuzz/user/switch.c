// SPDX-License-Identifier: MIT
/*
 * The switch (servers/switch): honest clients beside hostile ones that write anything into their
 * memory, also while it is read; the switch ends between any two stores. Each frame that arrives
 * was sent by the port that it names, to the port where it arrived, at most once, and no faster
 * than the sender's port allows. Garbage of one client never ends the session of another.
 */
#include "input.h"

#include <setjmp.h>

#include "purlin/types.h"
#include "runtime/virtio_client.h"
#include "servers/switch/frames.h"
#include "virtio_step.h"

#define CLIENTS 4
#define UPLINK (CLIENTS - 1)
#define SIZE 8
#define AREA 2048
#define PAGES (VIRTIO_POOL(SIZE, 2) / 0x1000 + SIZE)
#define FRAMES 250 /* of an input, at most */
#define HEADER 12
#define MARK (HEADER + 14) /* number of the frame, and its sender */
#define FREQUENCY (1ull << 30)
#define RATE (1ull << 20)
#define BURST 0x10000
#define STEPS 200
#define MOST_LOADS 100000

static struct member {
	uint8_t *memory;
	struct virtio_client_queue receive, send;
	struct virtio_client_entry receive_entry[SIZE], send_entry[SIZE];
	bool hostile, gone; /* gone: its memory was destroyed */
	uint64_t sent;	    /* bytes, since the switch began */
	bool area_used[2 * SIZE];
} members[CLIENTS];
static struct sent {
	unsigned int sender;
	bool came[CLIENTS];
} frames[FRAMES];
static unsigned int frame_count, loads, steps_left;
static uint64_t now, begun;
static struct input *current;
static bool serving, changing;
static jmp_buf dead;

static const struct virtio_kind kind = {
	.type = VIRTIO_TYPE_NIC,
	.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT,
	.queues = 2,
	.queue_size = SIZE,
};
static const char *const rules[CLIENTS] = {
	"net 02:00:00:00:00:01 1M a",
	"net 02:00:00:00:00:02 1024K b",
	" net  02:00:00:00:00:03 1M c",
	"net 02:00:00:00:00:04 1M up uplink",
};

purlin_s64 serves_read(unsigned int number, char text[PARENT_SERVES_BYTES])
{
	if (number >= CLIENTS)
		return PURLIN_NO_DEVICE;
	strcpy(text, rules[number]);
	return PURLIN_OK;
}

bool device_client_lives(const struct device_client *client)
{
	return !members[(const struct client *)client - clients].gone;
}

void virtio_step(void)
{
	if (serving && steps_left && !--steps_left)
		longjmp(dead, 1);
}

/* What a hostile client has lent may change before each look at it. */
static void about_to_load(void *address, unsigned int bytes)
{
	uint8_t *at = address;
	uint64_t value;

	MUST(++loads < MOST_LOADS);
	for (unsigned int i = 0; changing && current->left && i < CLIENTS; i++) {
		struct member *member = &members[i];

		if (!member->hostile || at < member->memory ||
		    at >= member->memory + PAGES * 0x1000 || input_byte(current) < 224)
			continue;
		value = input_byte(current) & 1 ? input_number(current) : input_choice(current, 9);
		memcpy(at, &value, bytes < 8 ? bytes : 8);
	}
}

#define ON_LOAD about_to_load
#include "loads.h"

static uint8_t *area(const struct member *member, unsigned int index)
{
	return member->memory + VIRTIO_POOL(SIZE, 2) + (size_t)index * AREA;
}

static void member_set(struct member *member)
{
	memset(member->memory, 0, PAGES * 0x1000);
	virtio_client_open(&member->receive, member->memory, QUEUE_RECEIVE, SIZE,
			   member->receive_entry);
	virtio_client_open(&member->send, member->memory, QUEUE_TRANSMIT, SIZE, member->send_entry);
	memset(member->area_used, 0, sizeof(member->area_used));
	member->gone = false;
}

/* The switch, at its beginning or after its end: the memory goes on, the rest is new. */
static void session_start(unsigned int index)
{
	struct client *client = &clients[index];
	struct virtio_session *session = &client->device.session;
	static const char *const owners[CLIENTS] = { "a", "b", "c", "up" };
	int64_t status;

	memset(client, 0, sizeof(*client));
	client->port = port_of(owners[index], "net");
	MUST(client->port && !port_of(owners[index], "other"));
	client->device.badge = 1 + index;
	status = virtio_server_start(&session->server, &kind, members[index].memory, PAGES,
				     kind.features, SIZE);
	MUST(members[index].hostile || !status);
	session->mapped = status ? NULL : members[index].memory;
}

static void switch_start(void)
{
	memset(clients, 0, DEVICE_CLIENTS * sizeof(*clients));
	MUST(!ports_read());
	begun = now;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		members[i].sent = 0;
		session_start(i);
	}
}

/* The address of a port, of nobody, or of a group. */
static void address_choose(uint8_t to[6])
{
	unsigned int which = input_choice(current, CLIENTS + 3);
	static const uint8_t others[3][6] = { { 2, 0, 0, 0, 0, 9 },
					      { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
					      { 3, 0, 0, 0, 0, 1 } };
	const uint8_t port[6] = { 2, 0, 0, 0, 0, (uint8_t)(1 + which) };

	memcpy(to, which < CLIENTS ? port : others[which - CLIENTS], 6);
}

static unsigned int area_take(struct member *member, unsigned int first)
{
	for (unsigned int i = first; i < first + SIZE; i++)
		if (!member->area_used[i])
			return i;
	return 2 * SIZE;
}

static uint32_t length_choose(void)
{
	return input_byte(current) < 200 ? 64 :
					   input_choice(current, 8) * 256 + input_byte(current);
}

static void frame_put(unsigned int index, uint32_t length)
{
	struct member *member = &members[index];
	unsigned int at = area_take(member, SIZE), odd = input_byte(current);
	struct virtio_buffer buffer[2];

	if (frame_count == FRAMES || at == 2 * SIZE || length < 1 || length > AREA)
		return;
	memset(area(member, at), 0x5a, AREA);
	address_choose(area(member, at) + HEADER);
	address_choose(area(member, at) + HEADER + 6);
	area(member, at)[MARK] = (uint8_t)frame_count;
	area(member, at)[MARK + 1] = (uint8_t)index;
	frames[frame_count] = (struct sent){ .sender = index };
	buffer[0] = (struct virtio_buffer){ (uint64_t)(area(member, at) - member->memory), length,
					    false };
	buffer[1] = buffer[0];
	if (odd & 1 && length > HEADER) {
		buffer[0].length = HEADER;
		buffer[1].offset += HEADER;
		buffer[1].length -= HEADER;
	}
	if (!virtio_client_add(&member->send, buffer, 1 + (odd & 1 && length > HEADER),
			       area(member, at)))
		return;
	member->area_used[at] = true;
	frame_count++;
}

static void buffer_put(unsigned int index)
{
	struct member *member = &members[index];
	unsigned int at = area_take(member, 0);
	struct virtio_buffer buffer = { 0, input_choice(current, 4) ? AREA : 40, true };

	if (at == 2 * SIZE)
		return;
	memset(area(member, at), 0xee, AREA);
	buffer.offset = (uint64_t)(area(member, at) - member->memory);
	if (virtio_client_add(&member->receive, &buffer, 1, area(member, at)))
		member->area_used[at] = true;
}

static bool is_port(const uint8_t mac[6], unsigned int *owner)
{
	static const uint8_t start[5] = { 2, 0, 0, 0, 0 };

	*owner = mac[5] - 1u;
	return !memcmp(mac, start, sizeof(start)) && *owner < CLIENTS;
}

/* What may come to a client, and from whom: said once more, by other means. */
static void frame_check(unsigned int index, const uint8_t *frame, uint32_t bytes)
{
	const uint8_t *target = frame + HEADER, *source = target + 6;
	unsigned int owner, sender = frame[MARK + 1];
	static const uint8_t header[HEADER] = { [10] = 1 };

	MUST(bytes >= HEADER + 14 && bytes <= HEADER + 1518 && !memcmp(frame, header, HEADER));
	if (is_port(target, &owner))
		MUST(owner == index);
	else
		MUST(target[0] & 1 || index == UPLINK);
	if (!is_port(source, &owner)) {
		MUST(!(source[0] & 1) && index != UPLINK);
		owner = UPLINK;
	}
	MUST(owner != index);
	if (members[owner].hostile || bytes < MARK + 2)
		return;
	MUST(sender == owner && frame[MARK] < frame_count);
	MUST(frames[frame[MARK]].sender == owner && !frames[frame[MARK]].came[index]);
	frames[frame[MARK]].came[index] = true;
}

static void answers_take(unsigned int index)
{
	struct member *member = &members[index];
	uint32_t bytes;
	uint8_t *at;

	while ((at = virtio_client_answer(&member->send, &bytes)))
		member->area_used[(at - area(member, 0)) / AREA] = false;
	while ((at = virtio_client_answer(&member->receive, &bytes))) {
		member->area_used[(at - area(member, 0)) / AREA] = false;
		if (!member->hostile && bytes)
			frame_check(index, at, bytes);
	}
	MUST(member->hostile || (!member->send.broken && !member->receive.broken));
	MUST(member->hostile || !clients[index].device.session.server.broken);
}

/* Buffers that have been answered with a frame, or without. */
static uint64_t given(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < CLIENTS; i++)
		sum += clients[i].device.session.server.queue[QUEUE_RECEIVE].used_index;
	return sum;
}

/* As main.c does it. */
static void turn(struct client *client)
{
	static struct virtio_chain chain;
	struct virtio_server *server = &client->device.session.server;
	struct member *member = &members[client - clients];
	uint64_t when, bytes, before;

	if (!client->device.session.mapped)
		return;
	while (port_may_send(client->port, now, FREQUENCY, &when) &&
	       virtio_server_next(server, QUEUE_TRANSMIT, &chain)) {
		before = given();
		bytes = frame_send(client, &chain);
		MUST(!member->gone || given() == before);
		port_sent(client->port, FRAME_LEAST + bytes);
		member->sent += bytes;
		virtio_server_answer(server, QUEUE_TRANSMIT, chain.head, 0);
	}
	/* One more than there was room for, which the rate takes back afterwards. */
	MUST(member->sent <= BURST + AREA + (now - begun) * RATE / FREQUENCY);
}

static void turn_do(unsigned int index)
{
	steps_left = input_choice(current, 4) == 1 ? 1 + input_choice(current, 60) : 0;
	if (setjmp(dead)) {
		serving = false;
		switch_start();
		return;
	}
	serving = true;
	turn(&clients[index]);
	serving = false;
}

/* More than it may send at once. */
static void flood(unsigned int index)
{
	for (unsigned int i = 0; i < 60; i++) {
		frame_put(index, HEADER + 1518);
		turn(&clients[index]);
		answers_take(index);
	}
}

/* Its memory is destroyed, as far as the switch can tell; or it begins anew, with other memory. */
static void member_end(unsigned int index)
{
	struct member *member = &members[index];

	if (!member->gone) {
		member->gone = true;
		return;
	}
	member_set(member);
	session_start(index);
}

static void garbage_put(struct member *member)
{
	uint64_t value = input_number(current);
	unsigned int bytes = 1u << input_choice(current, 4);
	uint64_t at = input_choice(current, 2) ? VIRTIO_QUEUE(SIZE, input_choice(current, 2)) :
						 VIRTIO_POOL(SIZE, 2);

	at += input_choice(current, 2) ? input_byte(current) * 2u : input_bytes(current, 2);
	if (member->hostile && at + bytes <= PAGES * 0x1000)
		memcpy(member->memory + at, &value, bytes);
}

static void step(unsigned int what, unsigned int index)
{
	switch (what) {
	case 0:
	case 1:
		frame_put(index, length_choose());
		break;
	case 2:
		buffer_put(index);
		break;
	case 3:
	case 4:
		turn_do(index);
		break;
	case 5:
		garbage_put(&members[index]);
		break;
	case 6:
		now += input_bytes(current, 2) << 10;
		break;
	default:
		if (input_choice(current, 3))
			member_end(index);
		else
			flood(index);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	unsigned int hostile;

	current = &input;
	hostile = input_choice(&input, 16);
	changing = input_choice(&input, 2);
	serving = false;
	frame_count = 0;
	now = FREQUENCY;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		members[i].memory = aligned_alloc(0x1000, PAGES * 0x1000);
		members[i].hostile = hostile >> i & 1;
		member_set(&members[i]);
	}
	switch_start();
	for (unsigned int i = 0; i < STEPS && input.left; i++) {
		unsigned int what = input_byte(&input);

		loads = 0;
		step(what & 7, what >> 3 & 3);
		for (unsigned int j = 0; j < CLIENTS; j++)
			answers_take(j);
	}
	for (unsigned int i = 0; i < CLIENTS; i++)
		free(members[i].memory);
	return 0;
}
