// SPDX-License-Identifier: MIT
/* Accounts: who pays, and the end of all that somebody paid for. */
#include "object/account.h"

#include "base/arch.h"
#include "base/call.h"
#include "base/pages.h"
#include "base/string.h"
#include "debug/log.h"

static void account_fill(struct account *account, struct account *parent, uint64_t limit)
{
	account->parent = parent;
	account->limit = limit;
	account->depth = parent ? parent->depth + 1 : 0;
	list_init(&account->objects);
	list_init(&account->remains);
	for (unsigned int i = 0; i < SLAB_KINDS; i++) {
		list_init(&account->slabs[i]);
		list_init(&account->full_slabs[i]);
	}
}

void account_init_root(struct account *account, uint64_t pages)
{
	account_fill(account, NULL, pages);
	object_init(&account->object, PURLIN_TYPE_ACCOUNT, NULL);
}

status account_charge(struct account *account, uint64_t pages)
{
	if (account->object.dead || account->used > account->limit ||
	    pages > account->limit - account->used)
		return PURLIN_NO_MEMORY;
	account->used += pages;
	return PURLIN_OK;
}

void account_credit(struct account *account, uint64_t pages)
{
	kernel_assert(account->used >= pages);
	account->used -= pages;
}

struct physical account_page(struct account *account)
{
	struct physical page;

	/*
	 * Pages are paid for before they are taken: a component that has used up its account must
	 * not take pages from others even for a moment.
	 */
	if (account_charge(account, 1) != PURLIN_OK)
		return PHYSICAL_NONE;
	page = pages_allocate(1, 1, 0);
	if (physical_valid(page))
		memset(arch_physical_to_kernel(page), 0, PAGE_SIZE);
	else
		account_credit(account, 1);
	return page;
}

void account_page_free(struct account *account, struct physical page)
{
	pages_free(page, 1);
	account_credit(account, 1);
}

/* The parent's `used` already counts the pages as part of the child's limit. */
void account_bequeath(struct account *account, uint64_t pages)
{
	account->used -= pages;
	account->limit -= pages;
}

#define COMPONENT_DEPTH 2 /* below core's and init's */
#define LOG_LINES 32

/*
 * A budget of log lines about a component's faults. It belongs to the component's own account:
 * accounts below that are the component's to make, each with a budget of its own otherwise.
 */
bool account_log_allowed(struct account *account)
{
	uint64_t now = arch_time(), seconds;

	while (account->depth > COMPONENT_DEPTH)
		account = account->parent;
	seconds = (now - account->log_since) / arch_time_hz();
	account->log_lines -= seconds < account->log_lines ? (uint32_t)seconds : account->log_lines;
	account->log_since +=
		account->log_lines ? seconds * arch_time_hz() : now - account->log_since;
	if (account->log_lines == LOG_LINES) {
		account->log_dropped++;
		return false;
	}
	account->log_lines++;
	if (account->log_dropped)
		log_print("%u lines about the next one's faults were dropped\n",
			  account->log_dropped);
	account->log_dropped = 0;
	return true;
}

CALL_HANDLER(account_create)
{
	struct account *parent = account_of(call->object);
	uint64_t pages = call->arguments->account_create.pages;
	struct object *object;
	status result;

	if (parent->depth + 1 >= ACCOUNT_DEPTH_MAX || pages == 0)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	/*
	 * The whole limit is taken from the parent at once, so no child can ever be short of what
	 * it was promised.
	 */
	if (account_charge(parent, pages) != PURLIN_OK)
		return call_refuse(3, PURLIN_NO_MEMORY);
	result = call_create(call, parent, PURLIN_TYPE_ACCOUNT, sizeof(struct account), &object);
	if (result == PURLIN_OK)
		account_fill(account_of(object), parent, pages);
	else
		account_credit(parent, pages);
	return result;
}

CALL_HANDLER(account_info)
{
	struct account *account = account_of(call->object);

	arch_call_result(call->caller, 0, account->limit);
	arch_call_result(call->caller, 1, account->used);
	return PURLIN_OK;
}

/* By who made the account, or may destroy it: whoever may only use it does not set its limit. */
CALL_HANDLER(account_limit)
{
	struct account *account = account_of(call->object), *parent = account->parent;
	uint64_t pages = call->arguments->account_limit.pages;

	if (!parent)
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	if (pages < account->used)
		return call_refuse(2, PURLIN_BUSY);
	if (pages > account->limit && account_charge(parent, pages - account->limit) != PURLIN_OK)
		return call_refuse(2, PURLIN_NO_MEMORY);
	if (pages < account->limit)
		account_credit(parent, account->limit - pages);
	account->limit = pages;
	return PURLIN_OK;
}
