/* SPDX-License-Identifier: MIT */
/* The messages of a device session (session/virtio.h), answered for a Linux. */
#include "clients.h"

#include <stdio.h>
#include <string.h>

#include "offers.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/virtio_session.h"

/* The latest session counts: its client has forgotten the earlier one, or has been started anew. */
purlin_s64 client_open(struct request *request, purlin_u64 endpoint, purlin_u64 badge)
{
	char label[PARENT_LABEL_BYTES + 1], *name;
	struct device *device;
	purlin_s64 status;

	words_get_text(label, request->word, PARENT_LABEL_BYTES);
	name = strchr(label, '/');
	if (!name)
		return PURLIN_BAD_ARGUMENT;
	*name++ = 0;
	device = device_for(label, name);
	if (!device || !device->known)
		return PURLIN_NO_DEVICE;
	device_session_end(device);
	linuxes_tell();
	status = server_badge(endpoint, badge, &device->session.endpoint);
	if (status)
		return status;
	device->session.badge = badge;
	request_reply_word(request, badge);
	request_reply_cap(request, device->session.endpoint, false);
	return PURLIN_OK;
}

purlin_s64 client_close(const struct request *request)
{
	struct device *device = device_of_session(request->word[0]);

	if (!device)
		return PURLIN_BAD_ARGUMENT;
	device_session_end(device);
	linuxes_tell();
	return PURLIN_OK;
}

/*
 * A client compares this with what it had before: so it has to tell the thing itself from another
 * one of the same name. A partition table in between adds a few characters of its own.
 */
static void identity_put(const struct device *device, char *to)
{
	purlin_u64 print = device->offer.print;

	if (print)
		snprintf(to, VIRTIO_IDENTITY_BYTES, "%.9s#%lx", device->identity, print);
	else
		strcpy(to, device->identity);
}

static purlin_s64 info(const struct device *device, struct request *request)
{
	const unsigned int fixed = 5 + VIRTIO_IDENTITY_BYTES / 8;
	const struct offered *offer = &device->offer;

	request->reply[0] = offer->type;
	request->reply[1] = offer->features;
	request->reply[2] = offer->queues;
	request->reply[3] = offer->queue_size;
	request->reply[4] = offer->config_bytes;
	memset(&request->reply[5], 0, VIRTIO_IDENTITY_BYTES);
	identity_put(device, (char *)&request->reply[5]);
	/* Whole words: what is behind the configuration is zero here, and would be old there. */
	memcpy(&request->reply[fixed], offer->config, sizeof(offer->config));
	request->reply_words = fixed + (unsigned int)(offer->config_bytes + 7) / 8;
	return PURLIN_OK;
}

/* What can be decided without the memory. Linux looks at that itself, and believes none of it. */
static bool start_sane(const struct offered *offer, const purlin_u64 *word)
{
	purlin_u64 features = word[0], size = word[1], pages = word[2];

	return !(features & ~offer->features) && (features & VIRTIO_FEATURE_VERSION_1) &&
	       size >= 2 && size <= offer->queue_size && !(size & (size - 1)) &&
	       pages <= ~0ull / PURLIN_PAGE_SIZE &&
	       pages * PURLIN_PAGE_SIZE > VIRTIO_POOL(size, offer->queues);
}

/* Memory of an earlier session has to have the shape that that one gave it. */
static bool shape_matches(const struct device *device, const struct client_session *session)
{
	const struct virtio_control *control = session->control;

	return __atomic_load_n(&control->state, __ATOMIC_ACQUIRE) == VIRTIO_STATE_NEW ||
	       (control->type == device->offer.type && control->features == session->features &&
		control->queue_size == session->queue_size);
}

static purlin_s64 memory_enter(struct client_session *session, const struct request *request)
{
	void *mapped;
	purlin_s64 status =
		memory_map(request->cap[0], 0, 1,
			   PURLIN_MAP_READ | PURLIN_MAP_WRITE | PURLIN_MAP_KEPT, &mapped);

	if (status)
		return status;
	session->control = mapped;
	session->features = request->word[0];
	session->queue_size = request->word[1];
	session->pages = request->word[2];
	return PURLIN_OK;
}

static purlin_s64 start(struct device *device, struct request *request)
{
	static purlin_u64 starts;
	struct client_session *session = &device->session;
	purlin_u64 doorbell;
	purlin_s64 status;

	if (session->control)
		return PURLIN_BUSY;
	status = virtio_session_check(request);
	if (!status && !start_sane(&device->offer, request->word))
		status = PURLIN_BAD_ARGUMENT;
	if (!status)
		status = memory_enter(session, request);
	if (status)
		return status;
	if (!shape_matches(device, session))
		status = PURLIN_BAD_ARGUMENT;
	else
		status = slot_copy(device->doorbell, PURLIN_RIGHT_WRITE, 1ull << device->number,
				   &doorbell);
	if (status) {
		memory_unmap(session->control);
		session->control = NULL;
		return status;
	}
	session->memory = request->cap[0];
	session->signal = request->cap[1];
	request->cap[0] = request->cap[1] = 0;
	session->start = ++starts;
	offers_wait_for(device);
	request_reply_cap(request, doorbell, true);
	linuxes_tell();
	return PURLIN_OK;
}

static bool overlaps(const struct client_session *session, purlin_u64 address, purlin_u64 pages)
{
	for (unsigned int i = 0; i < session->lent_count; i++) {
		const struct lent_part *part = &session->lent[i];

		if (address < part->address + part->pages * PURLIN_PAGE_SIZE &&
		    part->address < address + pages * PURLIN_PAGE_SIZE)
			return true;
	}
	return false;
}

static bool lent_sane(const struct client_session *session, const struct request *request)
{
	purlin_u64 address = request->word[0], offset = request->word[1], pages = request->word[2];
	purlin_u64 there = 0, physical;

	return address >= VIRTIO_LENT && address < VIRTIO_LENT_END &&
	       !(address % PURLIN_PAGE_SIZE) && pages &&
	       pages <= (VIRTIO_LENT_END - address) / PURLIN_PAGE_SIZE &&
	       !purlin_memory_info(request->cap[0], &there, &physical) && offset < there &&
	       pages <= there - offset && !overlaps(session, address, pages);
}

static purlin_s64 lend(struct device *device, struct request *request)
{
	struct client_session *session = &device->session;
	purlin_s64 status;

	if (!(device->offer.features & VIRTIO_FEATURE_LENT))
		return PURLIN_BAD_CALL;
	if (session->control)
		return PURLIN_BUSY;
	status = virtio_session_check_memory(request);
	if (status)
		return status;
	if (!lent_sane(session, request))
		return PURLIN_BAD_ARGUMENT;
	if (session->lent_count == VIRTIO_LENT_PARTS)
		return PURLIN_NO_MEMORY;
	session->lent[session->lent_count++] = (struct lent_part){
		.memory = request->cap[0],
		.address = request->word[0],
		.offset = request->word[1],
		.pages = request->word[2],
	};
	request->cap[0] = 0;
	return PURLIN_OK;
}

purlin_s64 client_request(struct device *device, struct request *request)
{
	switch (request->operation) {
	case VIRTIO_LEND:
		return lend(device, request);
	case VIRTIO_INFO:
		return info(device, request);
	case VIRTIO_START:
		return start(device, request);
	default:
		return PURLIN_BAD_CALL;
	}
}
