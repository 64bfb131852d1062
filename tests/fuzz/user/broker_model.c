// SPDX-License-Identifier: MIT
/* The broker's world: parent, timer, requests; and what is known of sessions. */
#include "broker_model.h"

#include "runtime/component.h"
#include "runtime/slots.h"
#include "runtime/virtio_server.h"
#include "session/timer.h"

#define STALE 8

void fake_slots_reset(void);
int component_main(purlin_u64 argument);

purlin_u64 fake_tsc;

/* All that the broker keeps (broker_data.h): as it was before it began. */
extern uint8_t __start_broker_data[], __stop_broker_data[];
extern uint8_t __start_broker_bss[], __stop_broker_bss[];

static const char *const rules[DEVICES] = {
	"a one Block serial:1",
	" b one  Block serial:2 file:users/x.img read-only",
	"a two Nic mac:02:00:00:00:00:01 within:120 interface:x",
};
const char *const services[DEVICES] = { "Block", "Block", "Nic" };
const uint64_t away[DEVICES] = { 60ull * HZ, 60ull * HZ, 120ull * HZ };
const char *const identities[DEVICES] = { "serial:1", "serial:2", "mac:02:00:00:00:00:01" };

struct side offers_side, clients_side;
struct offering offerings[DEVICES];
struct session sessions[DEVICES];
struct guest guest;
struct input *input;
struct fake_object *session_endpoint;
struct fake_census baseline;

/* Core's. */
static struct {
	struct fake_object *signal;
	uint64_t bits, deadline;
} timer;
static uint64_t begun, stale[STALE];
static unsigned int stale_next, announced; /* bits */
static bool failing;

void component_panic(const char *format, ...)
{
	FAIL(format);
}

/* Queues are for others: of what servers share the broker uses the checks of a start only. */
purlin_s64 virtio_server_start(struct virtio_server *server, const struct virtio_kind *kind,
			       void *memory, uint64_t pages, uint64_t features, uint64_t size)
{
	(void)server, (void)kind, (void)memory, (void)pages, (void)features, (void)size;
	FAIL("a queue of the broker's own");
}

void virtio_server_config(struct virtio_server *server, const void *config, size_t bytes)
{
	(void)server, (void)config, (void)bytes;
	FAIL("a configuration of the broker's own");
}

/* What the broker asks. */

static bool all_known(void)
{
	for (unsigned int i = 0; i < DEVICES; i++)
		if (!offerings[i].known)
			return false;
	return true;
}

static struct fake_cap take_cap(struct fake_message *message, unsigned int index)
{
	struct fake_cap cap = message->cap[index];

	message->cap[index] = (struct fake_cap){ NULL, 0, 0 };
	return cap;
}

static void timer_expire(void)
{
	if (timer.deadline > fake_tsc)
		return;
	timer.deadline = ~0ull;
	timer.signal->bits |= timer.bits;
}

static bool timer_answer(struct fake_object *endpoint, struct fake_message *message)
{
	struct fake_cap cap;

	(void)endpoint;
	if (message->label == TIMER_START) {
		MUST(message->caps == 1 && !timer.signal);
		cap = take_cap(message, 0);
		timer.signal = cap.object;
		timer.bits = cap.badge;
	} else if (message->label == TIMER_SET) {
		timer.deadline = message->word[0];
		timer_expire();
	}
	*message = (struct fake_message){ .words = 2, .word = { HZ, fake_tsc } };
	return true;
}

static void announce(struct fake_message *message)
{
	struct fake_cap cap = take_cap(message, 0);
	const char *service = (const char *)message->word;
	bool offer = !strcmp(service, "Offer"), nic = !strcmp(service, "Nic");
	struct side *side = offer ? &offers_side : &clients_side;
	unsigned int bit = offer ? 1 : nic ? 2 : 4;

	MUST(offer || nic || !strcmp(service, "Block"));
	MUST(cap.object && cap.rights == PURLIN_RIGHT_WRITE && !(announced & bit));
	/* Clients wait until all is there, or until it could have been. */
	MUST(offer || all_known() || fake_tsc >= begun + AWAY);
	MUST(!side->endpoint || (side->endpoint == cap.object && side->badge == cap.badge));
	announced |= bit;
	*side = (struct side){ cap.object, cap.badge };
	fake_cap_drop(&cap);
}

static bool parent_answer(struct fake_object *endpoint, struct fake_message *message)
{
	struct fake_message reply = { 0 };

	(void)endpoint;
	if (message->label == PARENT_SERVES && message->word[0] < DEVICES) {
		strcpy((char *)reply.word, rules[message->word[0]]);
		reply.words = PARENT_SERVES_BYTES / 8;
	} else if (message->label == PARENT_SERVES) {
		reply.label = (uint32_t)PURLIN_NO_DEVICE;
	} else if (message->label == PARENT_OPEN) {
		MUST(!strcmp((const char *)message->word, "Timer"));
		reply.caps = 1;
		reply.cap[0] =
			(struct fake_cap){ fake_new(PURLIN_TYPE_ENDPOINT), PURLIN_RIGHT_WRITE, 0 };
		reply.cap[0].object->answer = timer_answer;
	} else {
		MUST(message->label == PARENT_ANNOUNCE && message->caps == 1);
		announce(message);
	}
	fake_message_drop(message);
	*message = reply;
	return true;
}

/* Asking the broker. */

purlin_s64 call(struct fake_object *endpoint, uint64_t badge, struct fake_message *message)
{
	purlin_s64 status;

	message->badge = badge;
	MUST(fake_call(endpoint, message));
	status = (int32_t)message->label;
	MUST(!status || (!message->words && !message->caps));
	fake_failures = 0;
	return status;
}

void fail_sometimes(void)
{
	failing = announced == 7 && input_byte(input) > 240;
	fake_failures = failing ? 1 + input_choice(input, 4) : 0;
}

void fail_never(void)
{
	failing = false;
	fake_failures = 0;
}

bool may_fail(void)
{
	return failing;
}

bool lacked_memory(purlin_s64 status)
{
	return failing && status == PURLIN_NO_MEMORY;
}

void badge_gone(uint64_t badge)
{
	if (badge)
		stale[stale_next++ % STALE] = badge;
}

uint64_t stale_badge(void)
{
	return stale[input_choice(input, STALE)];
}

bool badge_lives(uint64_t badge)
{
	bool lives = badge == guest.badge;

	for (unsigned int i = 0; i < DEVICES; i++)
		lives = lives || badge == sessions[i].badge;
	return lives && badge;
}

void must_be_told(void)
{
	if (!guest.signal)
		return;
	MUST(guest.signal->bits);
	guest.signal->bits = 0;
}

void drop(struct fake_object **object)
{
	if (*object)
		fake_drop(*object);
	*object = NULL;
}

void session_over(struct session *session)
{
	struct fake_object *memory = session->memory, *signal = session->signal;

	badge_gone(session->badge);
	while (session->lent_count) {
		struct fake_object **lent = &session->lent[--session->lent_count].memory;

		MUST((*lent)->references == 1);
		drop(lent);
	}
	*session = (struct session){ 0 };
	if (!memory)
		return;
	MUST(!memory->maps && memory->references == 1 && signal->references == 1);
	drop(&memory);
	drop(&signal);
}

struct virtio_control *control_of(const struct session *session)
{
	return (struct virtio_control *)session->memory->data;
}

void must_be_broken(struct session *session)
{
	MUST(control_of(session)->state == VIRTIO_STATE_BROKEN);
	MUST(control_of(session)->reason == VIRTIO_BROKEN_SERVER);
	MUST(session->signal->bits);
	session->broken = true;
}

void linux_gone(void)
{
	badge_gone(guest.badge);
	guest.badge = 0;
	drop(&guest.signal);
	for (unsigned int i = 0; i < DEVICES; i++) {
		if (offerings[i].present)
			offerings[i].absent = fake_tsc;
		offerings[i].present = false;
	}
}

uint64_t mostly(uint64_t usual)
{
	return input_byte(input) < 230 ? usual : input_number(input);
}

bool is_power_of_two(uint64_t value)
{
	return value && !(value & (value - 1));
}

struct fake_cap some_signal(void)
{
	uint64_t rights = input_byte(input) < 230 ? PURLIN_RIGHT_ALL : input_choice(input, 32);

	return (struct fake_cap){ fake_new(input_byte(input) < 240 ? PURLIN_TYPE_SIGNAL :
								     PURLIN_TYPE_ENDPOINT),
				  rights, 0 };
}

void model_wait(uint64_t ticks)
{
	fake_tsc += ticks;
	timer_expire();
	fake_run();
}

static void run(void *context)
{
	(void)context;
	(void)component_main(0);
	FAIL("the broker has ended");
}

/* Not by memcpy: the sanitizer keeps what lies between variables. */
__attribute__((no_sanitize("address"))) static void broker_forget(void)
{
	static uint8_t *first;
	size_t bytes = (size_t)(__stop_broker_data - __start_broker_data);

	if (!first)
		first = malloc(bytes);
	else
		for (size_t i = 0; i < bytes; i++)
			((volatile uint8_t *)__start_broker_data)[i] = first[i];
	for (size_t i = 0; i < bytes; i++)
		first[i] = ((volatile uint8_t *)__start_broker_data)[i];
	for (volatile uint8_t *at = __start_broker_bss; at < __stop_broker_bss; at++)
		*at = 0;
}

void model_start(void)
{
	struct fake_object *parent;

	fake_end();
	fake_slots_reset();
	broker_forget();
	memset(offerings, 0, sizeof(offerings));
	memset(sessions, 0, sizeof(sessions));
	memset(&guest, 0, sizeof(guest));
	memset(&timer, 0, sizeof(timer));
	memset(stale, 0, sizeof(stale));
	memset(&offers_side, 0, sizeof(offers_side));
	memset(&clients_side, 0, sizeof(clients_side));
	timer.deadline = ~0ull;
	session_endpoint = NULL;
	announced = stale_next = 0;
	failing = false;
	fake_failures = 0;
	fake_tsc = begun = 1000 * HZ;
	fake_start(512, 0x1000);
	parent = fake_new(PURLIN_TYPE_ENDPOINT);
	parent->answer = parent_answer;
	fake_give(PURLIN_SLOT_PARENT, (struct fake_cap){ parent, PURLIN_RIGHT_WRITE, 0 });
	fake_thread_start(run, NULL);
	MUST(offers_side.endpoint && timer.signal);
	baseline = fake_count();
}
