// SPDX-License-Identifier: MIT
/* The broker's target: the Linux that offers devices, with sense or without (session/offer.h). */
#include "broker_model.h"

#define PRINT_WORD 6
#define CONFIG_WORD 7
#define PART_WORD 7
#define FILE_WORD (PART_WORD + OFFER_PART_BYTES / 8)
#define LENT (PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE)

static bool offer_makes_sense(const uint64_t *word)
{
	return word[2] >> 32 & 1 && word[3] >= 1 && word[3] <= VIRTIO_QUEUES_MAX &&
	       is_power_of_two(word[4]) && word[4] >= 2 && word[4] <= VIRTIO_QUEUE_SIZE_MAX &&
	       word[5] <= VIRTIO_CONFIG_BYTES;
}

/* What its client has started with is there, as it was. */
static bool is_the_same(unsigned int which, const uint64_t *word)
{
	const struct offering *offering = &offerings[which];
	const struct session *session = &sessions[which];

	return word[1] == offering->type && !(session->features & ~word[2]) &&
	       word[3] == offering->queues && word[4] >= session->size &&
	       word[5] == offering->bytes && word[PRINT_WORD] == offering->print &&
	       !memcmp(&word[CONFIG_WORD], offering->config, word[5]);
}

static void offer_fill(struct fake_message *message)
{
	uint64_t *word = message->word;

	word[0] = mostly(input_choice(input, DEVICES));
	word[1] = mostly(2);
	word[2] = VIRTIO_FEATURE_VERSION_1 | input_choice(input, 4);
	word[2] = mostly(word[2] & 2 ? word[2] | VIRTIO_FEATURE_LENT : word[2]);
	word[3] = mostly(1 + input_choice(input, 2));
	word[4] = mostly(8u << input_choice(input, 3));
	word[5] = mostly(13);
	message->words = 9 + input_choice(input, 52);
	memset(&word[CONFIG_WORD], 'c', 8 * (message->words - CONFIG_WORD));
	word[PRINT_WORD] = input_byte(input) > 240 ? input_number(input) : 0;
	if (input_byte(input) > 240)
		word[CONFIG_WORD + 1] = input_number(input);
}

static void doorbell_check(struct offering *offering, const struct fake_message *message)
{
	const struct fake_cap *cap = &message->cap[0];

	MUST(!message->words && message->caps == 1 && cap->object->type == PURLIN_TYPE_SIGNAL);
	MUST(!cap->object->dead && !(cap->rights & PURLIN_RIGHT_DESTROY));
	MUST(cap->rights & PURLIN_RIGHT_CONTROL && cap->rights & PURLIN_RIGHT_READ);
	MUST(!offering->doorbell || offering->doorbell == cap->object);
	for (unsigned int i = 0; i < DEVICES; i++)
		MUST(&offerings[i] == offering || offerings[i].doorbell != cap->object);
	offering->doorbell = cap->object;
}

static void offer_note(struct offering *offering, const uint64_t *word)
{
	*offering = (struct offering){
		.known = true,
		.present = true,
		.type = word[1],
		.features = word[2],
		.queues = word[3],
		.size = word[4],
		.bytes = word[5],
		.print = word[PRINT_WORD],
		.doorbell = offering->doorbell,
	};
	memcpy(offering->config, &word[CONFIG_WORD], word[5]);
}

static void step_offer(uint64_t badge)
{
	struct fake_message message = { .label = OFFER_DEVICE };
	uint64_t word[PURLIN_MESSAGE_WORDS];
	purlin_s64 status;

	offer_fill(&message);
	memcpy(word, message.word, sizeof(word));
	fail_sometimes();
	/* Before the answer, with the last one, clients are let in. */
	if (word[0] < DEVICES && offer_makes_sense(word) && !may_fail())
		offerings[word[0]].known = true;
	status = call(session_endpoint, badge, &message);
	if (word[0] >= DEVICES) {
		MUST(status == PURLIN_NO_DEVICE);
	} else if (!offer_makes_sense(word)) {
		MUST(status == PURLIN_BAD_ARGUMENT);
	} else if (!lacked_memory(status)) {
		MUST(!status);
		if (sessions[word[0]].started && !sessions[word[0]].broken &&
		    !is_the_same((unsigned int)word[0], word))
			must_be_broken(&sessions[word[0]]);
		doorbell_check(&offerings[word[0]], &message);
		offer_note(&offerings[word[0]], word);
	}
	fake_message_drop(&message);
}

static void step_withdraw(uint64_t badge)
{
	uint64_t which = mostly(input_choice(input, DEVICES));
	struct fake_message message = { .label = OFFER_WITHDRAW, .words = 1, .word = { which } };
	purlin_s64 status = call(session_endpoint, badge, &message);

	if (which >= DEVICES || !offerings[which].present) {
		MUST(status == PURLIN_NO_DEVICE);
		return;
	}
	MUST(!status);
	offerings[which].present = false;
	offerings[which].absent = fake_tsc;
}

static void take_check(const struct session *session, purlin_s64 status,
		       const struct fake_message *message)
{
	const struct fake_cap *memory = &message->cap[0], *signal = &message->cap[1];

	MUST(!status && message->words == 5 && message->caps == 2);
	MUST(!session->number || message->word[0] == session->number);
	MUST(message->word[1] == session->features && message->word[2] == session->size);
	MUST(message->word[3] == session->pages && message->word[4] == session->lent_count);
	MUST(memory->object == session->memory && memory->rights == LENT);
	MUST(signal->object == session->signal && signal->rights == PURLIN_RIGHT_WRITE);
}

/* Each part, and none more. */
static void take_lent(uint64_t badge, uint64_t which)
{
	const struct session *session = &sessions[which];

	fail_never();
	for (unsigned int i = 0; i <= session->lent_count; i++) {
		struct fake_message message = { .label = OFFER_TAKE_LENT,
						.words = 2,
						.word = { which, i } };
		purlin_s64 status = call(session_endpoint, badge, &message);
		const struct lent *lent = &session->lent[i];

		if (i == session->lent_count) {
			MUST(status == PURLIN_NO_DEVICE && !message.caps);
			return;
		}
		MUST(!status && message.words == 4 && message.caps == 1);
		MUST(message.word[0] == session->number || !session->number);
		MUST(message.word[1] == lent->address && message.word[2] == lent->offset);
		MUST(message.word[3] == lent->pages && message.cap[0].rights == LENT);
		MUST(message.cap[0].object == lent->memory);
		fake_message_drop(&message);
	}
}

static void step_take(uint64_t badge)
{
	uint64_t which = mostly(input_choice(input, DEVICES));
	struct fake_message message = { .label = OFFER_TAKE, .words = 1, .word = { which } };
	purlin_s64 status;

	fail_sometimes();
	status = call(session_endpoint, badge, &message);
	if (which >= DEVICES || !offerings[which].present)
		MUST(status == PURLIN_NO_DEVICE);
	else if (!sessions[which].started || sessions[which].broken)
		MUST(status == PURLIN_AGAIN);
	else if (!lacked_memory(status))
		take_check(&sessions[which], status, &message);
	fake_message_drop(&message);
	if (!status)
		take_lent(badge, which);
}

static void step_wanted(uint64_t badge)
{
	uint64_t which = mostly(input_choice(input, DEVICES));
	struct fake_message message = { .label = OFFER_WANTED, .words = 1, .word = { which } };
	const char *text = (const char *)message.word;
	purlin_s64 status = call(session_endpoint, badge, &message);

	if (which >= DEVICES) {
		MUST(status == PURLIN_NO_DEVICE);
		return;
	}
	MUST(!status && message.words == FILE_WORD + OFFER_FILE_BYTES / 8);
	MUST(!strcmp(text, services[which]));
	MUST(!strcmp(text + OFFER_SERVICE_BYTES, identities[which]));
	MUST(message.word[6] == (which == 1 ? OFFER_READ_ONLY : 0));
	MUST(!strcmp((const char *)&message.word[PART_WORD], which == 2 ? "interface:x" : ""));
	MUST(!strcmp((const char *)&message.word[FILE_WORD], which == 1 ? "users/x.img" : ""));
}

static void step_start(uint64_t badge)
{
	struct fake_message message = { .label = OFFER_START };
	struct fake_cap cap = some_signal();
	bool right = cap.object->type == PURLIN_TYPE_SIGNAL && cap.rights & PURLIN_RIGHT_WRITE;
	purlin_s64 status;

	if (input_byte(input) < 240)
		message.cap[message.caps++] = fake_cap_of(cap.object, cap.rights, 0);
	right = right && message.caps;
	status = call(session_endpoint, badge, &message);
	MUST(!status == right);
	if (right) {
		MUST(message.words == 1 && message.word[0] == DEVICES);
		drop(&guest.signal);
		guest.signal = cap.object;
	} else {
		MUST(cap.object->references == 1);
		fake_cap_drop(&cap);
	}
}

void step_linux(void)
{
	static void (*const steps[])(uint64_t) = { step_offer, step_offer,  step_offer,
						   step_take,  step_wanted, step_withdraw,
						   step_start };

	if (guest.badge)
		steps[input_choice(input, sizeof(steps) / sizeof(steps[0]))](guest.badge);
}
