/* SPDX-License-Identifier: MIT */
/* ROM: the members of the boot bundle, by name. */
#include <stdlib.h>
#include <string.h>

#include "boot_data.h"
#include "lib/formats/cpio.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "service.h"
#include "session/rom.h"

/* A module given out before: all sessions share its copy. */
struct module {
	struct module *next;
	char name[PURLIN_NAME_BYTES + 1];
	purlin_u64 bytes;
	purlin_u64 memory;
};

static struct module *modules;

/* Pays for the copies: whoever asks for many modules must not use up what core needs. */
static purlin_u64 module_account;
#define MODULE_SHARE 2 /* of what is free when the first is asked for */

static purlin_s64 need_module_account(void)
{
	purlin_u64 limit = 0, used = 0, slot;
	purlin_s64 status;

	if (module_account)
		return PURLIN_OK;
	slot = slot_reserve();
	purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &used);
	status = purlin_account_create(PURLIN_SLOT_ACCOUNT, slot, (limit - used) / MODULE_SHARE);
	if (status)
		slot_release(slot);
	else
		module_account = slot;
	return status;
}

static bool find_data(const char *name, struct cpio_member *member)
{
	if (!strcmp(name, ROM_BOOT_INFO)) {
		member->data = boot_info;
		member->bytes = sizeof(*boot_info);
		return true;
	}
	return cpio_find(bundle, boot_info->bundle_size, name, member);
}

/*
 * Copy what the name stands for into fresh pages. The bundle itself cannot be lent: the last
 * page of a member also holds the beginning of the next.
 */
static purlin_s64 load_module(struct module *module)
{
	struct cpio_member member;
	void *address;
	purlin_s64 status;

	if (!find_data(module->name, &member))
		return PURLIN_NO_DEVICE;
	if (!member.bytes)
		return PURLIN_BAD_ARGUMENT;
	status = need_module_account();
	if (!status)
		status = memory_new(module_account, PAGES_OF(member.bytes), 0, &module->memory);
	if (status)
		return status;
	status = memory_map(module->memory, 0, PAGES_OF(member.bytes),
			    PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address);
	if (status) {
		purlin_object_destroy(module->memory);
		slot_delete(module->memory);
		return status;
	}
	memcpy(address, member.data, member.bytes);
	memory_unmap(address);
	module->bytes = member.bytes;
	return PURLIN_OK;
}

static purlin_s64 find_module(const char *name, struct module **found)
{
	struct module *module = modules;
	purlin_s64 status;

	while (module && strcmp(module->name, name))
		module = module->next;
	*found = module;
	/* Copies stay for good: a module is asked for again whenever its component restarts. */
	if (module)
		return PURLIN_OK;
	module = calloc(1, sizeof(*module));
	if (!module)
		return PURLIN_NO_MEMORY;
	strncpy(module->name, name, PURLIN_NAME_BYTES);
	status = load_module(module);
	if (status) {
		free(module);
		return status;
	}
	module->next = modules;
	modules = module;
	*found = module;
	return PURLIN_OK;
}

static purlin_s64 rom_request(struct session *session, struct request *request)
{
	char name[PURLIN_NAME_BYTES + 1];
	struct module *module;
	purlin_u64 copy;
	purlin_s64 status;

	(void)session;
	if (request->operation != ROM_MODULE)
		return PURLIN_BAD_CALL;
	words_get_text(name, request->word, PURLIN_NAME_BYTES);
	status = find_module(name, &module);
	if (!status)
		status = slot_copy(module->memory, PURLIN_RIGHT_READ, 0, &copy);
	if (status)
		return status;
	request->reply[0] = module->bytes;
	request->reply_words = 1;
	request_reply_cap(request, copy, true);
	return PURLIN_OK;
}

const struct service service_rom = { .request = rom_request };
