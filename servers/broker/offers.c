/* SPDX-License-Identifier: MIT */
/* What a Linux offers, in all its lives. */
#include "offers.h"

#include <stdio.h>
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define PRINT_WORD 6
#define CONFIG_WORD 7
#define PART_WORD 7
#define FILE_WORD (PART_WORD + OFFER_PART_BYTES / 8)
#define WANTED_WORDS (FILE_WORD + OFFER_FILE_BYTES / 8)
#define NEVER (~0ull)

static purlin_u64 timer, tsc_hz, first_deadline;

purlin_s64 offers_prepare(purlin_u64 signal, purlin_u64 bit)
{
	purlin_u64 now = 0;
	purlin_s64 status = session_open("Timer", "", &timer);

	if (!status)
		status = timer_info(timer, &tsc_hz, &now);
	if (!status)
		status = timer_start(timer, signal, bit);
	first_deadline = now + DEVICES_SECONDS * tsc_hz;
	return status ? status : timer_alarm(timer, first_deadline);
}

/* The earliest deadline of all sessions that are not over yet. */
static void alarm_set(void)
{
	purlin_u64 next = offers_complete() ? NEVER : first_deadline;

	for (unsigned int i = 0; i < devices_count(); i++) {
		const struct device *device = device_at(i);

		if (device->known && !device->present && device->session.start &&
		    device->deadline < next)
			next = device->deadline;
	}
	timer_alarm(timer, next);
}

static void device_absent(struct device *device)
{
	if (!device->present)
		return;
	device->present = false;
	device->deadline = tsc_now() + device->seconds * tsc_hz;
}

void offers_wait_for(struct device *device)
{
	if (device->present)
		return;
	device->deadline = tsc_now() + device->seconds * tsc_hz;
	alarm_set();
}

/* Its memory is gone and its devices are silent, or will be before it is started again. */
static void linux_leave(struct linux *linux)
{
	for (unsigned int i = 0; i < linux->devices; i++)
		device_absent(device_number(linux, i));
	slot_delete(linux->endpoint);
	slot_delete(linux->signal);
	linux->badge = linux->endpoint = linux->signal = 0;
	alarm_set();
}

purlin_s64 offers_open(struct request *request, purlin_u64 endpoint, purlin_u64 badge)
{
	char label[PARENT_LABEL_BYTES + 1], *at = label;
	struct linux *linux;
	purlin_s64 status;

	/* init puts the component's name before its label. */
	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	while (*at && *at != '/')
		at++;
	*at = 0;
	linux = linux_of_component(label);
	if (!linux)
		return PURLIN_NO_RIGHT;
	linux_leave(linux);
	status = server_badge(endpoint, badge, &linux->endpoint);
	if (status)
		return status;
	linux->badge = badge;
	request_reply_word(request, badge);
	request_reply_cap(request, linux->endpoint, false);
	return PURLIN_OK;
}

purlin_s64 offers_close(const struct request *request)
{
	struct linux *linux = linux_of_badge(request->word[0]);

	if (!linux)
		return PURLIN_BAD_ARGUMENT;
	linux_leave(linux);
	return PURLIN_OK;
}

static purlin_s64 start(struct linux *linux, struct request *request)
{
	purlin_s64 status = request_signal_check(request);

	if (status)
		return status;
	slot_delete(linux->signal);
	linux->signal = request->cap[0];
	request->cap[0] = 0;
	request_reply_word(request, linux->devices);
	return PURLIN_OK;
}

static purlin_s64 wanted(const struct linux *linux, struct request *request)
{
	const struct device *device = device_number(linux, request->word[0]);

	if (!device)
		return PURLIN_NO_DEVICE;
	memset(request->reply, 0, WANTED_WORDS * sizeof(purlin_u64));
	strcpy((char *)&request->reply[0], device->service);
	strcpy((char *)&request->reply[OFFER_SERVICE_BYTES / 8], device->identity);
	request->reply[6] = device->read_only ? OFFER_READ_ONLY : 0;
	strcpy((char *)&request->reply[PART_WORD], device->part);
	strcpy((char *)&request->reply[FILE_WORD], device->file);
	request->reply_words = WANTED_WORDS;
	return PURLIN_OK;
}

static bool offer_sane(const purlin_u64 *word)
{
	purlin_u64 size = word[4];

	return (word[2] & VIRTIO_FEATURE_VERSION_1) && word[3] && word[3] <= VIRTIO_QUEUES_MAX &&
	       size >= 2 && size <= VIRTIO_QUEUE_SIZE_MAX && !(size & (size - 1)) &&
	       word[5] <= VIRTIO_CONFIG_BYTES;
}

/*
 * While a session lasts, the device must be the one that it was started with, and be able to do as
 * much.
 */
static bool offer_fits(const struct device *device, const purlin_u64 *word)
{
	const struct client_session *session = &device->session;
	const struct offered *offer = &device->offer;

	return !session->start ||
	       (offer->type == word[1] && !(session->features & ~word[2]) &&
		offer->queues == word[3] && session->queue_size <= word[4] &&
		offer->config_bytes == word[5] && offer->print == word[PRINT_WORD] &&
		!memcmp(offer->config, &word[CONFIG_WORD], offer->config_bytes));
}

static purlin_s64 offer(const struct linux *linux, struct request *request)
{
	struct device *device = device_number(linux, request->word[0]);
	const purlin_u64 *word = request->word;
	purlin_u64 doorbell;
	purlin_s64 status;

	if (!device)
		return PURLIN_NO_DEVICE;
	if (!offer_sane(word))
		return PURLIN_BAD_ARGUMENT;
	/* Linux binds it. What one life destroyed, the next would lack. */
	status =
		slot_copy(device->doorbell, PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY, 0, &doorbell);
	if (status)
		return status;
	if (!offer_fits(device, word))
		device_session_break(device, "another device is there now");
	device->offer = (struct offered){
		.type = word[1],
		.features = word[2],
		.queues = word[3],
		.queue_size = word[4],
		.config_bytes = word[5],
		.print = word[PRINT_WORD],
	};
	memcpy(device->offer.config, &word[CONFIG_WORD], word[5]);
	if (!device->known)
		printf("%s \"%s\" for %s is there: %s\n", device->service, device->label,
		       device->client, device->identity);
	device->known = device->present = true;
	alarm_set();
	request_reply_cap(request, doorbell, true);
	return PURLIN_OK;
}

static purlin_s64 withdraw(const struct linux *linux, const struct request *request)
{
	struct device *device = device_number(linux, request->word[0]);

	if (!device || !device->present)
		return PURLIN_NO_DEVICE;
	device_absent(device);
	alarm_set();
	return PURLIN_OK;
}

static purlin_s64 look(const struct linux *linux, struct request *request)
{
	for (unsigned int i = 0; i < linux->devices; i++)
		request_reply_word(request, device_number(linux, i)->session.start);
	return PURLIN_OK;
}

/* With no more rights than Linux needs, whatever the client has passed on. */
static purlin_s64 take(const struct linux *linux, struct request *request)
{
	const struct device *device = device_number(linux, request->word[0]);
	const struct client_session *session;
	purlin_u64 memory, signal;
	purlin_s64 status;

	if (!device || !device->present)
		return PURLIN_NO_DEVICE;
	session = &device->session;
	if (!session->start)
		return PURLIN_AGAIN;
	status = slot_copy(session->memory, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE, 0, &memory);
	if (status)
		return status;
	status = slot_copy(session->signal, PURLIN_RIGHT_WRITE, 0, &signal);
	if (status) {
		slot_delete(memory);
		return status;
	}
	request_reply_word(request, session->start);
	request_reply_word(request, session->features);
	request_reply_word(request, session->queue_size);
	request_reply_word(request, session->pages);
	request_reply_word(request, session->lent_count);
	request_reply_cap(request, memory, true);
	request_reply_cap(request, signal, true);
	return PURLIN_OK;
}

static purlin_s64 take_lent(const struct linux *linux, struct request *request)
{
	const struct device *device = device_number(linux, request->word[0]);
	const struct lent_part *part;
	purlin_u64 memory;
	purlin_s64 status;

	if (!device || !device->present)
		return PURLIN_NO_DEVICE;
	if (!device->session.start)
		return PURLIN_AGAIN;
	if (request->word[1] >= device->session.lent_count)
		return PURLIN_NO_DEVICE;
	part = &device->session.lent[request->word[1]];
	status = slot_copy(part->memory, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE, 0, &memory);
	if (status)
		return status;
	request_reply_word(request, device->session.start);
	request_reply_word(request, part->address);
	request_reply_word(request, part->offset);
	request_reply_word(request, part->pages);
	request_reply_cap(request, memory, true);
	return PURLIN_OK;
}

purlin_s64 offers_request(struct linux *linux, struct request *request)
{
	switch (request->operation) {
	case OFFER_START:
		return start(linux, request);
	case OFFER_WANTED:
		return wanted(linux, request);
	case OFFER_DEVICE:
		return offer(linux, request);
	case OFFER_WITHDRAW:
		return withdraw(linux, request);
	case OFFER_LOOK:
		return look(linux, request);
	case OFFER_TAKE:
		return take(linux, request);
	case OFFER_TAKE_LENT:
		return take_lent(linux, request);
	default:
		return PURLIN_BAD_CALL;
	}
}

void offers_late(void)
{
	purlin_u64 now = tsc_now();

	for (unsigned int i = 0; i < devices_count(); i++) {
		struct device *device = device_at(i);

		if (device->known && !device->present && now >= device->deadline)
			device_session_break(device, "it has not come back in time");
	}
	alarm_set();
}

bool offers_complete(void)
{
	return devices_all_known() || tsc_now() >= first_deadline;
}
