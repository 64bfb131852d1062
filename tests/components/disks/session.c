/* SPDX-License-Identifier: MIT */
/* A Block session from the client's end. */
#include "session.h"

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"

purlin_s64 disk_prepare(struct device_link *link)
{
	purlin_s64 status;

	*link = (struct device_link){
		.service = "Block",
		.label = DISK_LABEL,
		.features = DISK_FEATURES,
		.queues = 1,
		.queue_size = DISK_QUEUE,
		.pages = DISK_PAGES,
		.signal = slot_reserve(),
		.bit = DISK_ANSWERS,
	};
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, link->signal);
	return status ? status : device_link_prepare(link);
}
