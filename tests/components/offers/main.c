/* SPDX-License-Identifier: MIT */
/*
 * What a broker promises (session/offer.h), to both of its sides: this component stands for the
 * Linux that offers devices, and is their client.
 */
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/device_link.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/offer.h"

#define FEATURES VIRTIO_FEATURE_VERSION_1
#define OFFERED (FEATURES | VIRTIO_FEATURE_LENT) /* of the first device */
#define LENT_PAGES 4
#define QUEUE 32
#define PAGES 16
#define NEWS 1	  /* bit of our signal */
#define ANSWERS 2 /* bit of the client's */

static purlin_u64 offers, news, heard, capacity = 1024, print;
static const struct device_link fresh = { .service = "Block",
					  .label = "a",
					  .features = FEATURES,
					  .queues = 1,
					  .queue_size = QUEUE,
					  .pages = PAGES,
					  .bit = ANSWERS };
static struct device_link link_a;

static purlin_u64 signal_new(void)
{
	purlin_u64 slot = slot_reserve();

	check_status("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, slot), PURLIN_OK);
	return slot;
}

static purlin_u64 reduced(purlin_u64 slot, purlin_u64 rights, purlin_u64 badge)
{
	purlin_u64 copy = 0;

	check_status("copy", slot_copy(slot, rights, badge, &copy), PURLIN_OK);
	return copy;
}

static purlin_s64 ask(purlin_u32 operation, purlin_u64 number)
{
	message()->word[0] = number;
	return rpc(offers, operation, 1);
}

static void start_checks(void)
{
	purlin_u64 deaf = reduced(news, PURLIN_RIGHT_READ, 0);
	purlin_u64 told = reduced(news, PURLIN_RIGHT_WRITE, NEWS);

	check_status("no signal", rpc(offers, OFFER_START, 0), PURLIN_BAD_CAPABILITY);
	check_status("not a signal", rpc_send(offers, OFFER_START, 0, offers),
		     PURLIN_BAD_CAPABILITY);
	check_status("signal without WRITE", rpc_send(offers, OFFER_START, 0, deaf),
		     PURLIN_NO_RIGHT);
	check_status("start", rpc_send(offers, OFFER_START, 0, told), PURLIN_OK);
	check_equal("devices wanted", message()->word[0], 2);
	check_status("no such request", rpc(offers, 99, 0), PURLIN_BAD_CALL);
}

static void wanted_checks(void)
{
	char service[OFFER_SERVICE_BYTES + 1], identity[OFFER_IDENTITY_BYTES + 1];
	char part[OFFER_PART_BYTES + 1], file[OFFER_FILE_BYTES + 1];

	check_status("wanted", ask(OFFER_WANTED, 1), PURLIN_OK);
	words_get_text(service, &message()->word[0], OFFER_SERVICE_BYTES);
	words_get_text(identity, &message()->word[2], OFFER_IDENTITY_BYTES);
	words_get_text(part, &message()->word[7], OFFER_PART_BYTES);
	check_true("service", !strcmp(service, "Block"));
	check_true("part", !strcmp(part, "part-label:home"));
	words_get_text(file, &message()->word[7 + OFFER_PART_BYTES / 8], OFFER_FILE_BYTES);
	check_true("file", !strcmp(file, "users/one.img"));
	check_true("identity", !strcmp(identity, "serial:two"));
	check_equal("read-only", message()->word[6], OFFER_READ_ONLY);
	check_status("wanted: the first", ask(OFFER_WANTED, 0), PURLIN_OK);
	check_equal("not read-only", message()->word[6], 0);
	check_equal("the whole", message()->word[7], 0);
	check_equal("no file", message()->word[7 + OFFER_PART_BYTES / 8], 0);
	check_status("wanted: no such number", ask(OFFER_WANTED, 2), PURLIN_NO_DEVICE);
	check_status("wanted: a far number", ask(OFFER_WANTED, ~0ull), PURLIN_NO_DEVICE);
}

static purlin_s64 offer(purlin_u64 number, purlin_u64 features, purlin_u64 queues, purlin_u64 size,
			purlin_u64 bytes, purlin_u64 *doorbell)
{
	purlin_u64 *word = message()->word;

	word[0] = number;
	word[1] = VIRTIO_TYPE_BLOCK;
	word[2] = features;
	word[3] = queues;
	word[4] = size;
	word[5] = bytes;
	word[6] = print;
	word[7] = capacity;
	return rpc_receive(offers, OFFER_DEVICE, 8, doorbell);
}

static void offer_checks(void)
{
	purlin_u64 slot;

#define REFUSED(name, status, ...) check_status(name, offer(__VA_ARGS__, &slot), status)
	REFUSED("no such number", PURLIN_NO_DEVICE, 2, FEATURES, 1, 256, 8);
	REFUSED("without VERSION_1", PURLIN_BAD_ARGUMENT, 0, 0, 1, 256, 8);
	REFUSED("no queues", PURLIN_BAD_ARGUMENT, 0, FEATURES, 0, 256, 8);
	REFUSED("too many queues", PURLIN_BAD_ARGUMENT, 0, FEATURES, 9, 256, 8);
	REFUSED("odd size", PURLIN_BAD_ARGUMENT, 0, FEATURES, 1, 255, 8);
	REFUSED("too large", PURLIN_BAD_ARGUMENT, 0, FEATURES, 1, 2048, 8);
	REFUSED("too much configuration", PURLIN_BAD_ARGUMENT, 0, FEATURES, 1, 256, 257);
	check_status("withdrawn before", ask(OFFER_WITHDRAW, 0), PURLIN_NO_DEVICE);
	check_status("taken before", ask(OFFER_TAKE, 0), PURLIN_NO_DEVICE);
	check_status("offer", offer(0, OFFERED, 1, 256, 8, &heard), PURLIN_OK);
	check_status("offer the other", offer(1, FEATURES, 1, 256, 8, &slot), PURLIN_OK);
}

/* Whose session the broker tells of; 0: nobody's. */
static purlin_u64 look(void)
{
	check_status("look", rpc(offers, OFFER_LOOK, 0), PURLIN_OK);
	return message()->word[0];
}

static void client_refused(void)
{
	purlin_u64 endpoint, send[2] = { link_a.memory, link_a.answers }, received;

	check_status("no such device", session_open("Block", "nothing", &endpoint),
		     PURLIN_NO_DEVICE);
	check_status("open", session_open("Block", "a", &endpoint), PURLIN_OK);
#define START(name, features, size, pages, status)                                                 \
	do {                                                                                       \
		message()->word[0] = features;                                                     \
		message()->word[1] = size;                                                         \
		message()->word[2] = pages;                                                        \
		check_status(name, rpc_exchange(endpoint, VIRTIO_START, 3, 2, send, 1, &received), \
			     status);                                                              \
	} while (0)
	START("features not offered", FEATURES | 1, QUEUE, PAGES, PURLIN_BAD_ARGUMENT);
	START("size not offered", FEATURES, 512, PAGES, PURLIN_BAD_ARGUMENT);
	START("pages that are not there", FEATURES, QUEUE, PAGES + 1, PURLIN_BAD_ARGUMENT);
	START("no room", FEATURES, 256, 2, PURLIN_BAD_ARGUMENT);
	send[0] = link_a.answers;
	START("no memory", FEATURES, QUEUE, PAGES, PURLIN_BAD_CAPABILITY);
}

static void rights_check(const char *what, purlin_u64 slot, purlin_u64 type, purlin_u64 rights)
{
	purlin_u64 is = 0, may = 0, badge = 0;

	check_status(what, purlin_cap_info(slot, &is, &may, &badge), PURLIN_OK);
	check_equal(what, is, type);
	check_equal(what, may, rights);
}

static void take_check(purlin_u64 start)
{
	purlin_u64 caps[2], bits = 0;

	message()->word[0] = 0;
	check_status("take", rpc_exchange(offers, OFFER_TAKE, 1, 0, NULL, 2, caps), PURLIN_OK);
	check_equal("whose", message()->word[0], start);
	check_equal("features", message()->word[1], FEATURES);
	check_equal("size", message()->word[2], QUEUE);
	check_equal("pages", message()->word[3], PAGES);
	rights_check("memory", caps[0], PURLIN_TYPE_MEMORY, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE);
	rights_check("signal", caps[1], PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE);
	purlin_signal_notify(caps[1], ~0ull);
	check_status("told", purlin_signal_wait(link_a.signal, &bits), PURLIN_OK);
	check_equal("told as", bits, ANSWERS);
	/* What one life of Linux destroyed, the next would lack. */
	rights_check("doorbell", heard, PURLIN_TYPE_SIGNAL,
		     PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY);
	device_link_notify(&link_a);
	check_status("asked", purlin_signal_wait(heard, &bits), PURLIN_OK);
	check_equal("asked as", bits, 1);
	slot_delete(caps[0]);
	slot_delete(caps[1]);
}

/* With memory that nobody has used. */
static void client_new(void)
{
	link_a = fresh;
	link_a.signal = signal_new();
	check_status("memory", device_link_prepare(&link_a), PURLIN_OK);
}

static void session_checks(void)
{
	purlin_u64 first, bits = 0;

	client_new();
	check_equal("nobody yet", look(), 0);
	check_status("nobody to take", ask(OFFER_TAKE, 0), PURLIN_AGAIN);
	client_refused();
	check_equal("still nobody", look(), 0);
	purlin_signal_poll(news, &bits);
	check_status("start as a client", device_link_start(&link_a), PURLIN_OK);
	check_true("identity for the client", !strcmp(link_a.identity, "serial:one"));
	check_status("news", purlin_signal_wait(news, &bits), PURLIN_OK);
	check_equal("news as", bits, NEWS);
	first = look();
	check_true("somebody", first != 0);
	take_check(first);
	check_status("start once more", device_link_start(&link_a), PURLIN_OK);
	check_true("another number", look() && look() != first);
}

static purlin_s64 lend(purlin_u64 endpoint, purlin_u64 slot, purlin_u64 address, purlin_u64 offset,
		       purlin_u64 pages)
{
	message()->word[0] = address;
	message()->word[1] = offset;
	message()->word[2] = pages;
	return rpc_send(endpoint, VIRTIO_LEND, 3, slot);
}

/* Part `number` of many that do not touch each other. */
static purlin_u64 part_address(unsigned int number)
{
	return VIRTIO_LENT + (2 * number + 1) * LENT_PAGES * PURLIN_PAGE_SIZE;
}

static void lend_refused(purlin_u64 endpoint, purlin_u64 memory)
{
	purlin_u64 at = part_address(0), page = PURLIN_PAGE_SIZE;
	purlin_u64 readable = reduced(memory, PURLIN_RIGHT_READ, 0);

#define LEND(name, status, ...) check_status(name, lend(endpoint, __VA_ARGS__), status)
	LEND("lend: no memory", PURLIN_BAD_CAPABILITY, link_a.answers, at, 0, 1);
	LEND("lend: memory to read only", PURLIN_NO_RIGHT, readable, at, 0, 1);
	LEND("lend: a low address", PURLIN_BAD_ARGUMENT, memory, VIRTIO_LENT - page, 0, 2);
	LEND("lend: an odd address", PURLIN_BAD_ARGUMENT, memory, at + 1, 0, 1);
	LEND("lend: no page", PURLIN_BAD_ARGUMENT, memory, at, 0, 0);
	LEND("lend: more pages than there are", PURLIN_BAD_ARGUMENT, memory, at, 1, LENT_PAGES);
	LEND("lend: pages behind the object", PURLIN_BAD_ARGUMENT, memory, at, ~0ull, 1);
	LEND("lend: beyond the end", PURLIN_BAD_ARGUMENT, memory, VIRTIO_LENT_END - page, 0, 2);
	LEND("lend: a part", PURLIN_OK, memory, at, 0, LENT_PAGES);
	LEND("lend: overlaps the last", PURLIN_BAD_ARGUMENT, memory, at + 3 * page, 0, 1);
	LEND("lend: overlaps the first", PURLIN_BAD_ARGUMENT, memory, at - page, 0, 2);
	slot_delete(readable);
}

/* As many parts as there may be, then a start; the first shows another part of the memory. */
static void lend_checks(void)
{
	const struct device_link *link = &link_a;
	purlin_u64 send[2] = { link->memory, link->answers }, memory = slot_reserve(), endpoint;
	purlin_u64 caps[1], received;

	check_status("memory to lend",
		     purlin_memory_create(PURLIN_SLOT_ACCOUNT, memory, LENT_PAGES, 0), PURLIN_OK);
	check_status("open the other", session_open("Block", "b", &endpoint), PURLIN_OK);
	LEND("lend: not offered", PURLIN_BAD_CALL, memory, part_address(0), 0, 1);
	slot_delete(endpoint);
	check_status("open to lend", session_open("Block", "a", &endpoint), PURLIN_OK);
	lend_refused(endpoint, memory);
	for (unsigned int i = 1; i < VIRTIO_LENT_PARTS; i++)
		LEND("lend: one more", PURLIN_OK, memory, part_address(i), 1, LENT_PAGES - 1);
	LEND("lend: too many", PURLIN_NO_MEMORY, memory, part_address(VIRTIO_LENT_PARTS), 0, 1);
	check_status("nobody has lent", ask(OFFER_TAKE_LENT, 0), PURLIN_AGAIN);
	START("start with what is lent", OFFERED, QUEUE, PAGES, PURLIN_OK);
	LEND("lend: after the start", PURLIN_BUSY, memory, part_address(9), 0, 1);
	check_status("take what is whose", ask(OFFER_TAKE, 0), PURLIN_OK);
	check_equal("parts", message()->word[4], VIRTIO_LENT_PARTS);
	message()->word[0] = 0;
	message()->word[1] = 1;
	check_status("take a part", rpc_exchange(offers, OFFER_TAKE_LENT, 2, 0, NULL, 1, caps),
		     PURLIN_OK);
	check_true("of this session", message()->word[0] == look());
	message()->word[0] = 0;
	message()->word[1] = VIRTIO_LENT_PARTS;
	check_status("no such part", rpc(offers, OFFER_TAKE_LENT, 2), PURLIN_NO_DEVICE);
	rights_check("part", caps[0], PURLIN_TYPE_MEMORY, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE);
	slot_delete(caps[0]);
	slot_delete(received);
	slot_delete(endpoint);
	purlin_object_destroy(memory);
	slot_delete(memory);
	check_status("start without what is lent", device_link_start(&link_a), PURLIN_OK);
}

static const volatile struct virtio_control *control(void)
{
	return link_a.mapped;
}

/* Wait until the session is. */
static void over_check(void)
{
	purlin_u64 bits = 0;

	check_status("told of that", purlin_signal_wait(link_a.signal, &bits), PURLIN_OK);
	check_equal("over", control()->state, VIRTIO_STATE_BROKEN);
	check_equal("why", control()->reason, VIRTIO_BROKEN_SERVER);
	check_equal("nobody any more", look(), 0);
}

/* The next life of the one who offers. */
static void lives_checks(void)
{
	purlin_u64 before = look(), slot, bits = 0;

	check_status("open again", session_open("Offer", "again", &offers), PURLIN_OK);
	check_status("start again", rpc_send(offers, OFFER_START, 0, news), PURLIN_OK);
	check_status("not there yet", ask(OFFER_TAKE, 0), PURLIN_NO_DEVICE);
	check_status("offer again", offer(0, FEATURES, 1, 256, 8, &slot), PURLIN_OK);
	check_equal("the same session", look(), before);
	check_equal("and it goes on", control()->state, VIRTIO_STATE_NEW);
	check_status("withdraw", ask(OFFER_WITHDRAW, 0), PURLIN_OK);
	check_status("withdraw twice", ask(OFFER_WITHDRAW, 0), PURLIN_NO_DEVICE);
	purlin_signal_poll(link_a.signal, &bits);
	capacity++;
	check_status("another device", offer(0, FEATURES, 1, 256, 8, &slot), PURLIN_OK);
	over_check();
}

/* As large as before, and under the same name: but it says something else of itself. */
static void print_checks(void)
{
	purlin_u64 slot;

	client_new();
	check_status("the next client", device_link_start(&link_a), PURLIN_OK);
	print = 0xabc;
	check_status("another thing", offer(0, FEATURES, 1, 256, 8, &slot), PURLIN_OK);
	over_check();
	client_new();
	check_status("a client of that", device_link_start(&link_a), PURLIN_OK);
	check_true("identity of the thing", !strcmp(link_a.identity, "serial:on#abc"));
	check_status("the same again", offer(0, FEATURES, 1, 256, 8, &slot), PURLIN_OK);
	check_equal("goes on", control()->state, VIRTIO_STATE_NEW);
}

/* It may be away for a second, for those who have it and for those who come meanwhile. */
static void absence_checks(void)
{
	check_status("withdraw once more", ask(OFFER_WITHDRAW, 0), PURLIN_OK);
	over_check();
	client_new();
	check_status("start without it", device_link_start(&link_a), PURLIN_OK);
	over_check();
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	news = signal_new();
	check_status("open", session_open("Offer", "first", &offers), PURLIN_OK);
	start_checks();
	wanted_checks();
	offer_checks();
	session_checks();
	lend_checks();
	lives_checks();
	print_checks();
	absence_checks();
	return check_sum();
}
