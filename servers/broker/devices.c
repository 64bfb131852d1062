/* SPDX-License-Identifier: MIT */
/* Rules of the description, and the end of sessions. */
#include "devices.h"

#include <stdio.h>
#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/slots.h"

static struct device devices[OFFER_DEVICES];
static unsigned int count;

/* 0: no number of seconds that makes sense. */
static unsigned int seconds_read(const char *text)
{
	unsigned int seconds = 0;

	while (*text >= '0' && *text <= '9' && seconds <= DEVICES_SECONDS_MOST)
		seconds = seconds * 10 + (unsigned int)(*text++ - '0');
	return *text || seconds > DEVICES_SECONDS_MOST ? 0 : seconds;
}

static bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}

/* A partition of a disk, or what the interface for a client is called. */
static bool is_part(const struct device *device, const char *option)
{
	return starts_with(option, strcmp(device->service, "Nic") ? "part-" : "interface:") &&
	       strlen(option) < OFFER_PART_BYTES;
}

/* Each at most once. */
static bool option_read(struct device *device, const char *option)
{
	if (!strcmp(option, "read-only") && !device->read_only) {
		device->read_only = true;
		return true;
	}
	if (starts_with(option, "within:") && !device->seconds) {
		device->seconds = seconds_read(option + 7);
		return device->seconds;
	}
	if (starts_with(option, "from:") && option[5] && !device->linux) {
		device->linux = linux_named(option + 5);
		return device->linux;
	}
	if (is_part(device, option) && !*device->part) {
		device->part = option;
		return true;
	}
	if (starts_with(option, "file:") && option[5] && !*device->file) {
		device->file = option + 5;
		return !strcmp(device->service, "Block") && strlen(device->file) < OFFER_FILE_BYTES;
	}
	return false;
}

static bool rule_read(struct device *device)
{
	const char *option;
	char *at = device->rule;

	device->label = serves_word(&at);
	device->client = serves_word(&at);
	device->service = serves_word(&at);
	device->identity = serves_word(&at);
	device->part = device->file = "";
	while (*(option = serves_word(&at)))
		if (!option_read(device, option))
			return false;
	if (!device->seconds)
		device->seconds = DEVICES_SECONDS;
	return *device->identity && strlen(device->service) < OFFER_SERVICE_BYTES &&
	       strlen(device->identity) < OFFER_IDENTITY_BYTES;
}

static const char *device_add(struct device *device)
{
	if (!rule_read(device))
		return "a rule of serves is not \"LABEL CLIENT SERVICE IDENTITY [part-uuid:TEXT | "
		       "part-label:TEXT | interface:NAME] [file:PATH] [from:COMPONENT] "
		       "[within:SECONDS] [read-only]\"";
	if (device_for(device->client, device->label))
		return "two rules of serves have the same label and client";
	if (!device->linux)
		device->linux = linux_named("");
	device->number = device->linux->devices++;
	device->doorbell = slot_reserve();
	if (purlin_signal_create(PURLIN_SLOT_ACCOUNT, device->doorbell))
		return "too little memory for the signals";
	return NULL;
}

const char *devices_read(void)
{
	for (count = 0;; count++) {
		char more[PARENT_SERVES_BYTES];
		purlin_s64 status =
			serves_read(count, count < OFFER_DEVICES ? devices[count].rule : more);
		const char *problem;

		if (status == PURLIN_NO_DEVICE)
			return count ? NULL : "the description names no devices (serves)";
		if (status || count == OFFER_DEVICES)
			return "too many devices";
		problem = device_add(&devices[count]);
		if (problem)
			return problem;
	}
}

unsigned int devices_count(void)
{
	return count;
}

struct device *device_at(unsigned int index)
{
	return &devices[index];
}

struct device *device_number(const struct linux *linux, purlin_u64 number)
{
	for (unsigned int i = 0; i < count; i++)
		if (devices[i].linux == linux && devices[i].number == number)
			return &devices[i];
	return NULL;
}

struct device *device_for(const char *client, const char *label)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(devices[i].client, client) && !strcmp(devices[i].label, label))
			return &devices[i];
	return NULL;
}

struct device *device_of_session(purlin_u64 badge)
{
	for (unsigned int i = 0; i < count; i++)
		if (badge && devices[i].session.badge == badge)
			return &devices[i];
	return NULL;
}

bool devices_all_known(void)
{
	for (unsigned int i = 0; i < count; i++)
		if (!devices[i].known)
			return false;
	return true;
}

void device_session_end(struct device *device)
{
	struct client_session *session = &device->session;

	if (session->control)
		memory_unmap(session->control);
	slot_delete(session->memory);
	while (session->lent_count)
		slot_delete(session->lent[--session->lent_count].memory);
	slot_delete(session->signal);
	slot_delete(session->endpoint);
	*session = (struct client_session){ 0 };
}

void device_session_break(struct device *device, const char *why)
{
	struct client_session *session = &device->session;

	if (!session->start)
		return;
	printf("%s session \"%s\" of %s is over: %s\n", device->service, device->label,
	       device->client, why);
	/* The reason is written first, so that whoever sees the state finds the reason, too. */
	__atomic_store_n(&session->control->reason, VIRTIO_BROKEN_SERVER, __ATOMIC_RELEASE);
	__atomic_store_n(&session->control->state, VIRTIO_STATE_BROKEN, __ATOMIC_RELEASE);
	purlin_signal_notify(session->signal, ~0ull);
	/* If Linux comes back, it is not given this session any more. */
	session->start = 0;
}
