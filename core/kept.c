/* SPDX-License-Identifier: MIT */
/*
 * Ranges kept for the component that decides about devices. While it is away, as between a fault
 * and its restart, a component that was granted one of them by mistake must not take it: without
 * the tables there are no interrupt routes, and without configuration space no device is silenced.
 */
#include "kept.h"

#include <stdio.h>

#include "boot_data.h"
#include "service.h"

/* Far more than such a component claims at a time; what does not fit is logged, and not kept. */
#define MOST_KEPT 512

static struct kept {
	const struct service *service; /* NULL: free */
	struct range range;
	bool forever; /* the firmware's */
} kept[MOST_KEPT];

static bool inside(struct range range, struct range other)
{
	return range.first >= other.first && range.first + range.count <= other.first + other.count;
}

static bool known(const struct service *service, struct range range)
{
	for (unsigned int i = 0; i < MOST_KEPT; i++)
		if (kept[i].service == service && inside(range, kept[i].range))
			return true;
	return false;
}

static void keep(const struct service *service, struct range range, bool forever)
{
	for (unsigned int i = 0; i < MOST_KEPT; i++) {
		if (kept[i].service)
			continue;
		kept[i] = (struct kept){ service, range, forever };
		return;
	}
	printf("%s 0x%lx is not kept: too many\n", service->noun, range.first);
}

static void keep_bytes(purlin_u64 base, purlin_u64 bytes)
{
	purlin_u64 first = base / PURLIN_PAGE_SIZE;

	keep(&service_io_mem,
	     (struct range){ first, (base + bytes - 1) / PURLIN_PAGE_SIZE - first + 1 }, true);
}

void kept_start(void)
{
	for (unsigned int i = 0; i < MOST_KEPT; i++)
		kept[i] = (struct kept){ 0 };
	if (boot_info->rsdp)
		keep_bytes(boot_info->rsdp, 1);
	for (unsigned int i = 0; i < boot_info->memory_ranges; i++) {
		const struct purlin_memory_range *range = &boot_info->memory[i];

		if (range->size &&
		    (range->kind == PURLIN_MEMORY_ACPI || range->kind == PURLIN_MEMORY_NVS))
			keep_bytes(range->base, range->size);
	}
}

/* Lines are kept by init as long as devices may use them (session/parent.h). */
static bool of_interest(const struct session *session, struct range range)
{
	return session->grant_all && range.count && session->service != &service_irq;
}

void kept_add(const struct session *session, struct range range)
{
	if (of_interest(session, range) && !known(session->service, range))
		keep(session->service, range, false);
}

void kept_remove(const struct session *session, struct range range)
{
	if (!of_interest(session, range))
		return;
	for (unsigned int i = 0; i < MOST_KEPT; i++)
		/* Exactly this range: part of it may have been kept for another claim. */
		if (!kept[i].forever && kept[i].service == session->service &&
		    kept[i].range.first == range.first && kept[i].range.count == range.count)
			kept[i].service = NULL;
}

bool kept_from(const struct session *session, struct range range)
{
	if (session->grant_all)
		return false;
	for (unsigned int i = 0; i < MOST_KEPT; i++)
		if (kept[i].service == session->service && range.count &&
		    range.first < kept[i].range.first + kept[i].range.count &&
		    kept[i].range.first < range.first + range.count)
			return true;
	return false;
}
