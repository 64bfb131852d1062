/* SPDX-License-Identifier: MIT */
/* The messages of a device session, at the client's end. */
#include "runtime/device_link.h"

#include <string.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/parent.h"

#define IDENTITY_WORD 5
#define CONFIG_WORD (IDENTITY_WORD + VIRTIO_IDENTITY_BYTES / 8)

static void forget(struct device_link *link)
{
	slot_delete(link->endpoint);
	slot_delete(link->server_signal);
	link->endpoint = link->server_signal = 0;
}

/* From the message buffer. A thing that has been used already must still be the same. */
static purlin_s64 take_info(struct device_link *link)
{
	const purlin_u64 *word = message()->word;
	char identity[VIRTIO_IDENTITY_BYTES + 1];

	words_get_text(identity, &word[IDENTITY_WORD], VIRTIO_IDENTITY_BYTES);
	if (link->type && (link->type != word[0] || strcmp(link->identity, identity)))
		return PURLIN_NO_DEVICE;
	strcpy(link->identity, identity);
	link->type = word[0];
	link->offered = word[1];
	if (word[2] != link->queues || word[3] < link->queue_size || word[4] > sizeof(link->config))
		return PURLIN_BAD_ARGUMENT;
	link->config_bytes = word[4];
	memcpy(link->config, &word[CONFIG_WORD], link->config_bytes);
	return link->features & ~link->offered ? PURLIN_BAD_ARGUMENT : PURLIN_OK;
}

static purlin_s64 open_once(struct device_link *link)
{
	purlin_s64 status;

	forget(link);
	status = session_open(link->service, link->label, &link->endpoint);
	if (!status)
		status = rpc(link->endpoint, VIRTIO_INFO, 0);
	return status ? status : take_info(link);
}

purlin_s64 device_link_open(struct device_link *link)
{
	purlin_s64 status = PURLIN_DEAD;

	for (unsigned int i = 0; status == PURLIN_DEAD && i < DEVICE_LINK_LIVES; i++)
		status = open_once(link);
	return status;
}

purlin_s64 device_link_prepare(struct device_link *link)
{
	purlin_s64 status = memory_new_mapped(link->pages, 0, &link->memory, &link->mapped);

	return status ? status :
			slot_copy(link->signal, PURLIN_RIGHT_WRITE, link->bit, &link->answers);
}

static purlin_s64 lend(const struct device_link *link)
{
	if (!(link->features & VIRTIO_FEATURE_LENT))
		return PURLIN_OK;
	message()->word[0] = VIRTIO_LENT;
	message()->word[1] = 0;
	message()->word[2] = link->lent_pages;
	return rpc_send(link->endpoint, VIRTIO_LEND, 3, link->lent);
}

static purlin_s64 start_once(struct device_link *link)
{
	purlin_u64 send[2] = { link->memory, link->answers };
	purlin_s64 status = open_once(link);

	if (!status)
		status = lend(link);
	if (status)
		return status;
	message()->word[0] = link->features;
	message()->word[1] = link->queue_size;
	message()->word[2] = link->pages;
	return rpc_exchange(link->endpoint, VIRTIO_START, 3, 2, send, 1, &link->server_signal);
}

purlin_s64 device_link_start(struct device_link *link)
{
	purlin_s64 status = PURLIN_DEAD;

	for (unsigned int i = 0; status == PURLIN_DEAD && i < DEVICE_LINK_LIVES; i++)
		status = start_once(link);
	return status;
}

void device_link_notify(const struct device_link *link)
{
	purlin_signal_notify(link->server_signal, ~0ull);
}

purlin_s64 device_links_watch(purlin_u64 signal, purlin_u64 bit)
{
	purlin_u64 ended;
	purlin_s64 status = slot_copy(signal, PURLIN_RIGHT_WRITE, bit, &ended);

	if (!status)
		status = rpc_send(PURLIN_SLOT_PARENT, PARENT_WATCH, 0, ended);
	slot_delete(ended);
	return status;
}
