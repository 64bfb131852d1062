// SPDX-License-Identifier: MIT
/*
 * The whole broker (servers/broker) on the fake kernel, from its start on, between a Linux that
 * offers anything, dies and comes back, and clients that open, start with anything and close: both
 * sides of session/offer.h, and the messages of session/virtio.h. A model says what each answer
 * must be: a session is its client's, with what that client has lent and no more rights than are
 * needed; it outlives Linux, ends in time where the device does not come back, and leaves nothing.
 */
#include "broker_model.h"

#define STEPS 150
#define INFO_CONFIG_WORD (5 + VIRTIO_IDENTITY_BYTES / 8)
#define MOST_PAGES 64
#define LENT (PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE)

static const char *const labels[] = { "one/a", "one/b", "two/a", "two/b", "one", "/", "" };
static uint64_t highest_number; /* of a start, so far */

/* init's requests. */

static bool accepted(struct fake_message *message)
{
	MUST(message->words == 1 && message->caps == 1 && message->word[0] > CLIENTS_BADGE);
	MUST(message->cap[0].badge == message->word[0]);
	MUST(message->cap[0].rights == PURLIN_RIGHT_WRITE && !badge_lives(message->word[0]));
	session_endpoint = message->cap[0].object;
	fake_message_drop(message);
	return true;
}

static void step_linux_open(void)
{
	struct fake_message message = { .label = SERVER_OPEN, .words = PARENT_LABEL_BYTES / 8 };
	purlin_s64 status;

	strcpy((char *)message.word, "drivers/again");
	fail_sometimes();
	status = call(offers_side.endpoint, OFFERS_BADGE, &message);
	linux_gone();
	MUST(!status || lacked_memory(status));
	if (!status && accepted(&message))
		guest.badge = message.word[0];
}

static void step_linux_close(void)
{
	struct fake_message message = { .label = SERVER_CLOSE, .words = 1 };
	bool late = !guest.badge || input_byte(input) > 128;
	purlin_s64 status;

	message.word[0] = late ? stale_badge() : guest.badge;
	status = call(offers_side.endpoint, OFFERS_BADGE, &message);
	MUST(status == (late ? PURLIN_BAD_ARGUMENT : PURLIN_OK));
	if (!late)
		linux_gone();
}

static void step_client_open(void)
{
	struct fake_message message = { .label = SERVER_OPEN, .words = PARENT_LABEL_BYTES / 8 };
	unsigned int which = input_choice(input, sizeof(labels) / sizeof(labels[0]));
	purlin_s64 status;

	if (!clients_side.endpoint)
		return;
	strcpy((char *)message.word, labels[which]);
	fail_sometimes();
	status = call(clients_side.endpoint, CLIENTS_BADGE, &message);
	if (which >= DEVICES || !offerings[which].known) {
		MUST(status == PURLIN_NO_DEVICE || status == PURLIN_BAD_ARGUMENT);
		return;
	}
	MUST(!status || lacked_memory(status));
	session_over(&sessions[which]);
	must_be_told();
	if (!status && accepted(&message))
		sessions[which].badge = message.word[0];
}

static void step_client_close(void)
{
	struct fake_message message = { .label = SERVER_CLOSE, .words = 1 };
	struct session *session = &sessions[input_choice(input, DEVICES)];
	bool late = !session->badge || input_byte(input) > 128;
	purlin_s64 status;

	if (!clients_side.endpoint)
		return;
	message.word[0] = late ? stale_badge() : session->badge;
	status = call(clients_side.endpoint, CLIENTS_BADGE, &message);
	MUST(status == (late ? PURLIN_BAD_ARGUMENT : PURLIN_OK));
	if (late)
		return;
	session_over(session);
	must_be_told();
}

/* A client. */

/* Another thing of the same name is told by its number. */
static void identity_check(const struct offering *offering, const char *text)
{
	const char *identity = identities[offering - offerings], *mark = strchr(text, '#');

	if (!offering->print)
		MUST(!strcmp(text, identity));
	else
		MUST(mark && !strncmp(text, identity, (size_t)(mark - text)) &&
		     strtoull(mark + 1, NULL, 16) == offering->print);
}

static void step_info(struct session *session)
{
	const struct offering *offering = &offerings[session - sessions];
	struct fake_message message = { .label = VIRTIO_INFO };
	const uint8_t *config = (const uint8_t *)&message.word[INFO_CONFIG_WORD];

	MUST(!call(session_endpoint, session->badge, &message));
	MUST(message.word[0] == offering->type && message.word[1] == offering->features);
	MUST(message.word[2] == offering->queues && message.word[3] == offering->size);
	MUST(message.word[4] == offering->bytes && !message.caps);
	identity_check(offering, (const char *)&message.word[5]);
	MUST(message.words == INFO_CONFIG_WORD + (offering->bytes + 7) / 8);
	/* And nothing of what others have been told. */
	MUST(!memcmp(config, offering->config, (message.words - INFO_CONFIG_WORD) * 8));
}

struct start {
	uint64_t features, size, pages;
	struct fake_cap memory, signal;
};

static struct start start_choose(const struct offering *offering)
{
	struct start start = {
		.features = mostly(VIRTIO_FEATURE_VERSION_1),
		.size = mostly(8),
		.pages = mostly(20),
		.signal = some_signal(),
	};

	start.memory = (struct fake_cap){ fake_new(input_byte(input) < 240 ? PURLIN_TYPE_MEMORY :
									     PURLIN_TYPE_SIGNAL),
					  mostly(PURLIN_RIGHT_ALL), 0 };
	start.memory.object->count = 1 + mostly(20) % MOST_PAGES;
	start.memory.object->data = calloc(start.memory.object->count, PURLIN_PAGE_SIZE);
	/* Of an earlier life, or what looks like that. */
	if (input_byte(input) > 200)
		*(struct virtio_control *)start.memory.object->data = (struct virtio_control){
			.state = VIRTIO_STATE_RUNNING,
			.type = (purlin_u32)mostly(offering->type),
			.features = mostly(start.features),
			.queue_size = (purlin_u32)mostly(start.size),
		};
	return start;
}

static bool memory_has_shape(const struct start *start, const struct offering *offering)
{
	const struct virtio_control *control = (void *)start->memory.object->data;

	return control->state == VIRTIO_STATE_NEW ||
	       (control->type == offering->type && control->features == start->features &&
		control->queue_size == start->size);
}

static bool start_is_right(const struct start *start, const struct offering *offering)
{
	return start->memory.object->type == PURLIN_TYPE_MEMORY &&
	       (start->memory.rights & LENT) == LENT &&
	       start->signal.object->type == PURLIN_TYPE_SIGNAL &&
	       start->signal.rights & PURLIN_RIGHT_WRITE &&
	       start->pages <= start->memory.object->count && is_power_of_two(start->size) &&
	       start->size >= 2 && start->size <= offering->size &&
	       !(start->features & ~offering->features) && start->features >> 32 & 1 &&
	       start->pages * PURLIN_PAGE_SIZE > VIRTIO_POOL(start->size, offering->queues) &&
	       memory_has_shape(start, offering);
}

static void started(struct session *session, const struct start *start,
		    const struct fake_message *reply)
{
	struct offering *offering = &offerings[session - sessions];
	const struct fake_cap *cap = &reply->cap[0];

	MUST(!reply->words && reply->caps == 1 && cap->rights == PURLIN_RIGHT_WRITE);
	MUST(cap->object == offering->doorbell && cap->badge == 1ull << (session - sessions));
	session->started = true;
	session->features = start->features;
	session->size = start->size;
	session->pages = start->pages;
	session->since = fake_tsc;
	session->memory = start->memory.object;
	session->signal = start->signal.object;
	must_be_told();
}

static void step_client_start(struct session *session)
{
	const struct offering *offering = &offerings[session - sessions];
	struct start start = start_choose(offering);
	struct fake_message message = { .label = VIRTIO_START,
					.words = 3,
					.word = { start.features, start.size, start.pages },
					.caps = 2 };
	purlin_s64 status;

	message.cap[0] = fake_cap_of(start.memory.object, start.memory.rights, 0);
	message.cap[1] = fake_cap_of(start.signal.object, start.signal.rights, 0);
	fail_sometimes();
	status = call(session_endpoint, session->badge, &message);
	if (session->started)
		MUST(status == PURLIN_BUSY);
	else if (!lacked_memory(status))
		MUST(!status == start_is_right(&start, offering));
	if (!status) {
		started(session, &start, &message);
	} else {
		MUST(!start.memory.object->maps && start.memory.object->references == 1);
		fake_cap_drop(&start.memory);
		fake_cap_drop(&start.signal);
	}
	fake_message_drop(&message);
}

static void step_client(void)
{
	struct session *session = &sessions[input_choice(input, DEVICES)];
	unsigned int choice;

	if (!session->badge)
		return;
	choice = (unsigned int)input_choice(input, 3);
	if (choice == 2 && offerings[session - sessions].features & VIRTIO_FEATURE_LENT)
		step_client_lend(session);
	else if (choice)
		step_client_start(session);
	else
		step_info(session);
}

/* It may do so at any time; the broker must not fall with it. */
static void step_memory_gone(void)
{
	const struct session *session = &sessions[input_choice(input, DEVICES)];

	if (session->started)
		fake_destroy(session->memory);
}

/* Whoever has no session any more, and requests that there are not. */
static void step_odd(void)
{
	struct fake_message message = { .label = input_choice(input, 9),
					.words = input_choice(input, PURLIN_MESSAGE_WORDS + 1) };
	uint64_t badge = stale_badge();

	if (!session_endpoint || !badge || badge_lives(badge))
		return;
	for (unsigned int i = 0; i < message.words && i < 8; i++)
		message.word[i] = input_number(input);
	MUST(call(session_endpoint, badge, &message) == PURLIN_DEAD);
}

/* Sessions whose device is away for long enough are over, and no others. */
static void step_time(void)
{
	model_wait((1 + input_byte(input)) * (AWAY / 100));
	for (unsigned int i = 0; i < DEVICES; i++) {
		uint64_t from = offerings[i].absent > sessions[i].since ? offerings[i].absent :
									  sessions[i].since;

		if (sessions[i].started && !sessions[i].broken && !offerings[i].present &&
		    fake_tsc >= from + away[i])
			must_be_broken(&sessions[i]);
	}
}

/* After each step: sessions are as the model has them, and Linux is told so. */
static void check(void)
{
	struct fake_message message = { .label = OFFER_LOOK };
	uint64_t before = highest_number;

	for (unsigned int i = 0; i < DEVICES; i++)
		MUST(!sessions[i].started || sessions[i].broken ||
		     control_of(&sessions[i])->state != VIRTIO_STATE_BROKEN);
	if (!guest.badge)
		return;
	MUST(!call(session_endpoint, guest.badge, &message) && message.words == DEVICES);
	for (unsigned int i = 0; i < DEVICES; i++) {
		struct session *session = &sessions[i];
		uint64_t number = message.word[i];

		MUST(!number == (!session->started || session->broken));
		if (number && !session->number) {
			MUST(number > before);
			session->number = number;
		}
		MUST(!number || number == session->number);
		highest_number = number > highest_number ? number : highest_number;
	}
}

static void step(void)
{
	static void (*const steps[])(void) = {
		step_linux,	  step_linux,	     step_linux,       step_linux,
		step_linux,	  step_linux_open,   step_client,      step_client,
		step_client,	  step_client_open,  step_time,	       step_odd,
		step_client_open, step_client_close, step_linux_close, step_memory_gone,
	};

	fail_never();
	steps[input_choice(input, sizeof(steps) / sizeof(steps[0]))]();
	check();
}

static void finish(void)
{
	struct fake_message message = { .label = SERVER_CLOSE, .words = 1 };
	struct fake_census now;

	fail_never();
	for (unsigned int i = 0; i < DEVICES; i++) {
		message.word[0] = sessions[i].badge;
		if (sessions[i].badge)
			MUST(!call(clients_side.endpoint, CLIENTS_BADGE, &message));
		session_over(&sessions[i]);
		message.label = SERVER_CLOSE;
		message.words = 1;
	}
	message.word[0] = guest.badge;
	if (guest.badge)
		MUST(!call(offers_side.endpoint, OFFERS_BADGE, &message));
	MUST(!guest.signal || guest.signal->references == 1);
	linux_gone();
	now = fake_count();
	MUST(now.slots == baseline.slots && now.caps == baseline.caps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input whole = { data, size };

	input = &whole;
	model_start();
	highest_number = 0;
	for (unsigned int i = 0; i < STEPS && whole.left; i++)
		step();
	finish();
	return 0;
}
