/* SPDX-License-Identifier: MIT */
/* Sessions with core for a component, with what its description grants: session/core.h. */
#include "core_sessions.h"

#include "boot_data.h"
#include "purlin/calls.h"
#include "ram_target.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/core.h"

#define SERVICE_WORDS (PARENT_SERVICE_BYTES / 8)
#define LABEL_WORDS (PARENT_LABEL_BYTES / 8)

static unsigned int put_ranges(const struct component_description *component,
			       const struct description_ranges *ranges, uint64_t unit)
{
	purlin_u64 *word = &message()->word[SERVICE_WORDS + LABEL_WORDS];

	word[0] = component->hardware ? CORE_GRANT_ALL : 0;
	word[1] = ranges->count;
	word[2] = component->processors;
	for (unsigned int i = 0; i < ranges->count; i++) {
		word[3 + 2 * i] = ranges->range[i].first / unit;
		word[4 + 2 * i] = ranges->range[i].count / unit;
	}
	return 3 + 2 * ranges->count;
}

/* One range more; DESCRIPTION_RANGES leaves room for it. */
static unsigned int put_framebuffer(unsigned int words)
{
	const struct purlin_framebuffer *framebuffer = &boot_info->framebuffer;
	purlin_u64 first = framebuffer->base / PURLIN_PAGE_SIZE;
	purlin_u64 bytes = (purlin_u64)framebuffer->pitch * framebuffer->height;
	purlin_u64 *word = &message()->word[SERVICE_WORDS + LABEL_WORDS];

	word[1]++;
	word[words] = first;
	word[words + 1] = PAGES_OF(framebuffer->base % PURLIN_PAGE_SIZE + bytes);
	return words + 2;
}

static unsigned int put_memory(const struct component_description *component)
{
	unsigned int words = put_ranges(component, &component->io_memory, PURLIN_PAGE_SIZE);

	return component->framebuffer && boot_info->framebuffer.width ? put_framebuffer(words) :
									words;
}

/* The words after the label; how many they are. */
static unsigned int put_grants(const struct component_description *component,
			       enum service_grants grants)
{
	switch (grants) {
	case GRANTS_HARDWARE:
		message()->word[SERVICE_WORDS + LABEL_WORDS] =
			component->hardware ? CORE_GRANT_ALL : 0;
		return 1;
	case GRANTS_IO_PORTS:
		return put_ranges(component, &component->io_ports, 1);
	case GRANTS_IO_MEMORY:
		return put_memory(component);
	case GRANTS_IRQS:
		return put_ranges(component, &component->irqs, 1);
	default:
		return 0;
	}
}

/* All RAM sessions of a component share its quota. */
static purlin_s64 need_ram_account(struct component *component)
{
	purlin_u64 slot, pages = component->description->ram_quota / PURLIN_PAGE_SIZE;
	purlin_s64 status;

	/* Made with the first session, since few components have RAM sessions at all. */
	if (component->ram_account)
		return PURLIN_OK;
	/* What a Linux may have of it changes: ram_target.c. No account is for less than a page. */
	if (component->description->memory_most)
		pages = 1;
	slot = slot_reserve();
	status = purlin_account_create(component->payer, slot, pages);
	if (status) {
		slot_release(slot);
		return status;
	}
	component->ram_account = slot;
	ram_target_look(component);
	return PURLIN_OK;
}

purlin_s64 core_open(struct component *component, const struct description_service *service,
		     purlin_u64 *slot)
{
	unsigned int words = SERVICE_WORDS + LABEL_WORDS, caps = 0;
	purlin_s64 status = PURLIN_OK;

	if (service->grants == GRANTS_RAM_QUOTA) {
		status = need_ram_account(component);
		caps = 1;
	}
	if (status)
		return status;
	message_put_text(0, PARENT_SERVICE_BYTES, service->name);
	message_put_text(SERVICE_WORDS, PARENT_LABEL_BYTES, component->description->name);
	/* What the description grants, not what the component asks for: core knows only this. */
	words += put_grants(component->description, service->grants);
	return rpc_exchange(PURLIN_SLOT_PARENT, PARENT_OPEN, words, caps, &component->ram_account,
			    1, slot);
}

void core_close(purlin_u64 badge)
{
	message()->word[0] = badge;
	rpc(PURLIN_SLOT_PARENT, SERVER_CLOSE, 1);
}
