// SPDX-License-Identifier: MIT
/*
 * The whole of core on the fake kernel: init's requests and those of all sessions, in any order,
 * with any words, counts and capabilities, sessions closed and used thereafter, allocations that
 * fail. No two sessions get one page, port or line; nobody gets more than was granted; when all
 * sessions are closed, core holds what it held before.
 */
#include "fake_kernel.h"

#include "core/kept.h"
#include "core/service.h"
#include "core/session.h"
#include "purlin/boot.h"
#include "runtime/component.h"
#include "runtime/elf_load.h"
#include "runtime/log_budget.h"
#include "runtime/session.h"
#include "session/io_mem.h"
#include "session/io_port.h"
#include "session/irq.h"
#include "session/log.h"
#include "session/ram.h"
#include "session/rom.h"
#include "session/timer.h"

#define CLIENTS 12
#define POOL 12
#define STEPS 200
#define QUOTA 40
#define KEPT 256

/* In the order of the names. */
enum {
	SERVICE_LOG,
	SERVICE_ROM,
	SERVICE_RAM,
	SERVICE_IO_MEM,
	SERVICE_IO_PORT,
	SERVICE_IRQ,
	SERVICE_DMA = 8,
};
static const char *const service_names[] = { "LOG", "ROM",   "RAM",  "IO_MEM", "IO_PORT",
					     "IRQ", "Timer", "Nope", "DMA" };
static const char *const labels[] = { "a", "b", "linux", "a-very-long-name-of-32-characters" };
static const char *const modules[] = { "init", "module", "empty", "boot_info", "nothing", "" };

/* A session as its client sees it, closed ones included. */
static struct client {
	struct fake_object *endpoint;
	uint64_t badge;
	unsigned int service;
	bool open, grant_all;
	unsigned int range_count;
	struct range ranges[CORE_GRANT_RANGES];
	uint64_t last_id;
} clients[CLIENTS];
static struct fake_cap pool[POOL];
static unsigned int pool_next;
static struct fake_object *init_endpoint, *watch, *init_object;
static struct fake_census baseline;
static struct purlin_boot_info info = { .magic = PURLIN_BOOT_MAGIC,
					.abi_version = PURLIN_ABI_VERSION,
					.cpu_count = 4,
					.tsc_hz = 1000000000 };
static bool run_ended;

purlin_s64 elf_load(const void *image, size_t bytes, purlin_u64 account, purlin_u64 pd,
		    purlin_u64 *memory, purlin_u64 *entry)
{
	(void)image;
	(void)bytes;
	(void)pd;
	*entry = 0x401000;
	return purlin_memory_create(account, *memory = 4000, 1, 0);
}

/* Budgets depend on the time; a fuzz target must not. */
bool log_budget_allows(const char *label, purlin_u64 now, purlin_u64 hz)
{
	(void)now;
	MUST(*label && hz);
	return true;
}

purlin_s64 purlin_system_reset(purlin_u64 ports)
{
	struct fake_object *object;

	run_ended = true;
	return fake_look_up(ports, PURLIN_TYPE_IO_PORT, 0, &object);
}

static size_t put_member(uint8_t *at, const char *name, const char *data)
{
	size_t name_bytes = strlen(name) + 1, bytes = strlen(data);

	sprintf((char *)at, "070701%048x%08zx%032x%08zx%08x", 0, bytes, 0, name_bytes, 0);
	strcpy((char *)at + 110, name);
	name_bytes = (110 + name_bytes + 3) & ~(size_t)3;
	memcpy(at + name_bytes, data, bytes);
	return (name_bytes + bytes + 3) & ~(size_t)3;
}

static void give_root(uint64_t slot, unsigned int type)
{
	fake_give(slot, (struct fake_cap){ fake_new(type), PURLIN_RIGHT_ALL, 0 });
}

static void give_bundle(void)
{
	struct fake_object *memory = fake_new(PURLIN_TYPE_MEMORY);
	size_t at;

	memory->count = 2;
	memory->data = calloc(memory->count, PURLIN_PAGE_SIZE);
	at = put_member(memory->data, "init", "program");
	at += put_member(memory->data + at, "module", "contents of a module");
	at += put_member(memory->data + at, "empty", "");
	info.bundle_size = at + put_member(memory->data + at, "TRAILER!!!", "");
	fake_give(PURLIN_SLOT_BUNDLE, (struct fake_cap){ memory, PURLIN_RIGHT_READ, 0 });
}

static void run_core(void *argument)
{
	component_main((purlin_u64)argument);
	FAIL("core left its loop");
}

static struct fake_object *found(unsigned int type, unsigned int number)
{
	struct fake_object *object = fake_objects;

	while (object && (object->type != type || number--))
		object = object->next;
	MUST(object);
	return object;
}

static purlin_s64 ask(struct fake_object *endpoint, uint64_t badge, struct fake_message *message)
{
	purlin_s64 status;

	message->badge = badge;
	fake_owner = badge == SERVER_PARENT_BADGE ? 0 : badge;
	MUST(fake_call(endpoint, message));
	fake_owner = 0;
	status = (int32_t)message->label;
	MUST(status <= PURLIN_OK && status >= PURLIN_NO_DEVICE);
	MUST(!status || (!message->caps && !message->words));
	return status;
}

static void put_text(struct fake_message *message, unsigned int word, const char *text,
		     unsigned int bytes)
{
	strncpy((char *)&message->word[word], text, bytes);
}

static purlin_s64 open_session(struct client *client, struct fake_message *message,
			       const char *service, const char *label)
{
	purlin_s64 status;

	message->label = PARENT_OPEN;
	put_text(message, 0, service, PARENT_SERVICE_BYTES);
	put_text(message, 2, label, PARENT_LABEL_BYTES);
	status = ask(init_endpoint, SERVER_PARENT_BADGE, message);
	if (status)
		return status;
	MUST(message->words == 1 && message->caps == 1 &&
	     message->cap[0].badge == message->word[0]);
	MUST(message->cap[0].object == init_endpoint &&
	     message->cap[0].rights == PURLIN_RIGHT_WRITE);
	for (unsigned int i = 0; i < CLIENTS; i++)
		MUST(clients[i].badge != message->word[0]); /* never used again */
	client->badge = message->word[0];
	client->open = true;
	client->last_id = 0;
	return PURLIN_OK;
}

static purlin_s64 close_session(uint64_t badge)
{
	struct fake_message message = { .label = SERVER_CLOSE, .words = 1, .word = { badge } };

	return ask(init_endpoint, SERVER_PARENT_BADGE, &message);
}

/* What the session held is gone, wherever else it is known. */
static void check_gone(const struct client *client)
{
	for (const struct fake_object *object = fake_objects; object; object = object->next)
		MUST(object->owner != client->badge || object->dead);
}

/* Ranges that only who has everything may claim, as far as the target knows. */
static struct kept_range {
	unsigned int service;
	struct range range;
} kept_ranges[KEPT];
static unsigned int kept_count;

static bool meet(struct range a, struct range b)
{
	return a.first < b.first + b.count && b.first < a.first + a.count;
}

/* What the session holds now that it ends. */
static void note_kept(const struct client *client)
{
	const struct session *session = session_find(client->badge);

	if (!session || !client->grant_all || client->service == SERVICE_IRQ)
		return;
	for (const struct claim *claim = session->claims; claim; claim = claim->next)
		if (claim->range.count && kept_count < KEPT)
			kept_ranges[kept_count++] =
				(struct kept_range){ client->service, claim->range };
}

/* Given back: what lies elsewhere is still kept. */
static void note_released(const struct client *client, uint64_t id)
{
	const struct session *session = session_find(client->badge);
	const struct claim *claim = session ? session->claims : NULL;

	while (claim && claim->id != id)
		claim = claim->next;
	for (unsigned int i = 0; claim && client->grant_all && i < kept_count; i++)
		if (kept_ranges[i].service == client->service &&
		    meet(kept_ranges[i].range, claim->range))
			kept_ranges[i].range.count = 0;
}

static void check_not_kept(const struct client *client, uint64_t first, uint64_t count)
{
	for (unsigned int i = 0; !client->grant_all && i < kept_count; i++)
		MUST(kept_ranges[i].service != client->service || !kept_ranges[i].range.count ||
		     !meet(kept_ranges[i].range, (struct range){ first, count }));
}

static void close_client(struct client *client)
{
	note_kept(client);
	MUST((close_session(client->badge) == PURLIN_OK) == client->open);
	client->open = false;
	check_gone(client);
}

/* ROM keeps a copy of each module once asked for: have them all before counting. */
static void load_modules(void)
{
	static const purlin_s64 wanted[] = {
		[2] = PURLIN_BAD_ARGUMENT, /* empty */
		[4] = PURLIN_NO_DEVICE,
		[5] = PURLIN_NO_DEVICE,
	};
	struct client client = { 0 };
	struct fake_message message = { .words = 6 };

	MUST(!open_session(&client, &message, "ROM", "a"));
	fake_message_drop(&message);
	for (unsigned int i = 0; i < sizeof(modules) / sizeof(modules[0]); i++) {
		message = (struct fake_message){ .label = ROM_MODULE, .words = 4 };
		put_text(&message, 0, modules[i], PURLIN_NAME_BYTES);
		MUST(ask(init_endpoint, client.badge, &message) == wanted[i]);
		fake_message_drop(&message);
	}
	MUST(!close_session(client.badge));
}

static void start(void)
{
	fake_start(PURLIN_CORE_SLOTS, 0x4000);
	give_root(PURLIN_SLOT_IRQ_ROOT, PURLIN_TYPE_IRQ_ROOT);
	give_root(PURLIN_SLOT_PHYSICAL_ROOT, PURLIN_TYPE_PHYSICAL_ROOT);
	give_root(PURLIN_SLOT_IO_PORTS, PURLIN_TYPE_IO_PORT);
	give_bundle();
	fake_thread_start(run_core, &info);
	init_endpoint = found(PURLIN_TYPE_ENDPOINT, 0);
	watch = found(PURLIN_TYPE_SIGNAL, 0);
	init_object = found(PURLIN_TYPE_PD, 0);
	load_modules();
	baseline = fake_count();
}

/* Any capability: accounts of RAM sessions, signals, what core gave out, destroyed or not. */
static struct fake_cap any_cap(struct input *input)
{
	static const unsigned int types[] = { PURLIN_TYPE_ACCOUNT, PURLIN_TYPE_SIGNAL,
					      PURLIN_TYPE_MEMORY, PURLIN_TYPE_ENDPOINT,
					      PURLIN_TYPE_IO_PORT };
	unsigned int which = input_choice(input, POOL + 8);
	struct fake_object *object;
	struct fake_cap cap;

	if (which < POOL && pool[which].object)
		return fake_cap_of(pool[which].object, pool[which].rights, pool[which].badge);
	object = fake_new(types[which % 5]);
	object->limit = QUOTA;
	cap = fake_cap_of(object, input_bit(input) ? PURLIN_RIGHT_ALL : input_byte(input) & 0x3f,
			  0);
	fake_cap_drop(&pool[pool_next]);
	pool[pool_next] = (struct fake_cap){ object, PURLIN_RIGHT_ALL, 0 };
	pool_next = (pool_next + 1) % POOL;
	return cap;
}

static void keep(struct fake_message *message)
{
	for (unsigned int i = 0; i < message->caps; i++) {
		fake_cap_drop(&pool[pool_next]);
		pool[pool_next] = message->cap[i];
		message->cap[i] = (struct fake_cap){ NULL, 0, 0 };
		pool_next = (pool_next + 1) % POOL;
	}
}

static void fill(struct input *input, struct fake_message *message, unsigned int from)
{
	message->words = input_choice(input, PURLIN_MESSAGE_WORDS + 1);
	for (unsigned int i = from; i < message->words && i < from + 8; i++)
		message->word[i] = input_number(input);
	for (unsigned int i = input_byte(input) & 3; i && message->caps < PURLIN_MESSAGE_CAPS; i--)
		message->cap[message->caps++] = any_cap(input);
}

static void take_grants(struct client *client, const struct fake_message *message)
{
	client->grant_all = message->word[6] & CORE_GRANT_ALL;
	client->range_count = (unsigned int)message->word[7];
	for (unsigned int i = 0; i < client->range_count && i < CORE_GRANT_RANGES; i++)
		client->ranges[i] =
			(struct range){ message->word[9 + 2 * i], message->word[10 + 2 * i] };
}

static void step_open(struct input *input)
{
	struct client *client = &clients[input_choice(input, CLIENTS)], fresh = { 0 };
	struct fake_message message = { 0 }, sent;

	if (client->open)
		close_client(client);
	fresh.service = input_choice(input, sizeof(service_names) / sizeof(service_names[0]));
	fill(input, &message, 6);
	message.word[6] = input_byte(input) & CORE_GRANT_ALL;
	message.word[7] = input_byte(input) < 250 ? input_choice(input, 4) : input_number(input);
	for (unsigned int i = 8; i < 17; i++)
		message.word[i] = input_number(input);
	if (input_bit(input)) {
		message.word[9] = 0x100 + input_choice(input, 8);
		message.word[10] = 1 + input_choice(input, 8);
	}
	message.words = PURLIN_MESSAGE_WORDS;
	sent = message;
	if (!open_session(&fresh, &message, service_names[fresh.service],
			  labels[input_choice(input, 4)])) {
		fresh.endpoint = init_endpoint;
		if (fresh.service >= SERVICE_IO_MEM && fresh.service <= SERVICE_IRQ)
			take_grants(&fresh, &sent);
		MUST(fresh.range_count <= CORE_GRANT_RANGES);
		*client = fresh;
	}
	fake_message_drop(&message);
}

/* Inside one of the ranges that init named, counted exactly. */
static void check_granted(const struct client *client, uint64_t first, uint64_t count)
{
	for (unsigned int i = 0; i < client->range_count; i++) {
		unsigned __int128 start = client->ranges[i].first;

		if (first >= start &&
		    (unsigned __int128)first + count <= start + client->ranges[i].count)
			return;
	}
	MUST(client->grant_all);
}

static void check_claim(const struct client *client, const struct fake_message *sent,
			const struct fake_message *reply)
{
	const struct fake_object *object = reply->cap[0].object;

	MUST(reply->caps == 1 && reply->words >= 1 && object->owner == client->badge);
	MUST(!(reply->cap[0].rights & PURLIN_RIGHT_DESTROY) && !object->dead);
	if (client->service == SERVICE_IO_MEM) {
		check_granted(client, sent->word[0] / PURLIN_PAGE_SIZE, sent->word[1]);
		check_not_kept(client, sent->word[0] / PURLIN_PAGE_SIZE, sent->word[1]);
	} else if (client->service == SERVICE_IO_PORT) {
		check_granted(client, sent->word[0], sent->word[1]);
		check_not_kept(client, sent->word[0], sent->word[1]);
	} else if (client->service == SERVICE_IRQ && sent->label == IRQ_CLAIM)
		check_granted(client, sent->word[0], 1);
	else if (client->service == SERVICE_IRQ)
		MUST(client->grant_all);
}

static void step_request(struct input *input)
{
	struct client *client = &clients[input_choice(input, CLIENTS)];
	struct fake_message message = { .label = input_choice(input, 5) }, sent;
	bool known = input_bit(input);
	purlin_s64 status;

	if (!client->badge)
		return;
	if (message.label == 4)
		message.label = (uint32_t)input_number(input);
	fill(input, &message, 0);
	if (known && message.words)
		message.word[0] = client->last_id;
	/* Few places, so that sessions meet. */
	if (client->service >= SERVICE_IO_MEM && client->service <= SERVICE_IRQ && known) {
		message.label = 1;
		message.words = 4;
		message.word[0] = 0x100 + input_choice(input, 8);
		message.word[1] = 1 + input_choice(input, 3);
		message.word[2] = 0;
		if (client->service == SERVICE_IO_MEM)
			message.word[0] *= PURLIN_PAGE_SIZE;
		if (client->service == SERVICE_IRQ)
			message.word[0] &= 0xf;
	}
	if (client->service == SERVICE_ROM && known)
		put_text(&message, 0, modules[input_choice(input, 6)], PURLIN_NAME_BYTES);
	sent = message;
	if (client->service <= SERVICE_IO_PORT && message.label == IO_MEM_RELEASE)
		note_released(client, message.word[0]);
	status = ask(client->endpoint, client->badge, &message);
	MUST(client->open || status == PURLIN_DEAD);
	if (!status && message.caps && client->service >= SERVICE_RAM &&
	    client->service <= SERVICE_IRQ) {
		check_claim(client, &sent, &message);
		client->last_id = message.word[0];
	}
	if (!status && client->service == SERVICE_DMA && message.words)
		client->last_id = message.word[0];
	keep(&message);
	fake_message_drop(&message);
}

/* Whatever else init, or who pretends to be it, may send. */
static void step_odd(struct input *input)
{
	struct fake_message message = { .label = (uint32_t)input_number(input) };
	uint64_t badge = input_bit(input) ? SERVER_PARENT_BADGE : input_number(input);

	for (unsigned int i = 0; i < CLIENTS; i++)
		if (badge == clients[i].badge)
			return;
	if (badge == SERVER_PARENT_BADGE && message.label == PARENT_OPEN)
		return;
	fill(input, &message, 0);
	if (message.label == SERVER_CLOSE)
		for (unsigned int i = 0; i < CLIENTS; i++)
			if (clients[i].badge == message.word[0])
				message.word[0] = 0;
	(void)ask(init_endpoint, badge, &message);
	fake_message_drop(&message);
}

static void step_init_ends(struct input *input)
{
	init_object->first = input_choice(input, 3);
	init_object->count = input_number(input);
	watch->bits = input_bit(input);
	fake_run();
}

static void step(struct input *input)
{
	switch (input_choice(input, 12)) {
	case 0:
	case 1:
	case 2:
		step_open(input);
		break;
	case 3: {
		struct client *client = &clients[input_choice(input, CLIENTS)];

		if (client->badge)
			close_client(client);
		break;
	}
	case 4:
		step_odd(input);
		break;
	case 5:
		fake_failures = input_choice(input, 16);
		break;
	case 6:
		step_init_ends(input);
		break;
	default:
		step_request(input);
	}
}

static void check_all_returned(void)
{
	struct fake_census now;

	fake_failures = 0;
	for (unsigned int i = 0; i < CLIENTS; i++) {
		if (clients[i].open)
			close_client(&clients[i]);
		clients[i] = (struct client){ 0 };
	}
	for (unsigned int i = 0; i < POOL; i++)
		fake_cap_drop(&pool[i]);
	pool_next = 0;
	MUST(!sessions);
	/* The next input is another machine. */
	kept_start();
	kept_count = 0;
	now = fake_count();
	MUST(now.caps == baseline.caps);
	MUST(now.slots == baseline.slots);
	MUST(now.objects == baseline.objects);
	MUST(now.pages == baseline.pages);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };

	if (!fake_self)
		start();
	for (unsigned int i = 0; i < STEPS && input.left; i++)
		step(&input);
	check_all_returned();
	return 0;
}
