/* SPDX-License-Identifier: MIT */
/* Capabilities, destruction, accounts. */
#include "tests.h"

static void copies(void)
{
	purlin_u64 signal = new_signal(), memory = new_memory(1), pd = PURLIN_SLOT_PD;
	purlin_u64 empty = slot_reserve(), badged = slot_reserve();
	purlin_u64 type = 0, rights = 0, badge = 0;

	check_status("cap_copy: empty PD slot", purlin_cap_copy(empty, badged, signal, ~0ull, 0),
		     PURLIN_BAD_CAPABILITY);
	check_status("cap_copy: not a PD", purlin_cap_copy(signal, badged, signal, ~0ull, 0),
		     PURLIN_BAD_CAPABILITY);
	check_status("cap_copy: PD without CONTROL",
		     purlin_cap_copy(weaker(pd, PURLIN_RIGHT_READ), badged, signal, ~0ull, 0),
		     PURLIN_NO_RIGHT);
	check_status("cap_copy: empty source", purlin_cap_copy(pd, badged, empty, ~0ull, 0),
		     PURLIN_BAD_CAPABILITY);
	check_status("cap_copy: slot in use", purlin_cap_copy(pd, memory, signal, ~0ull, 0),
		     PURLIN_SLOT_IN_USE);
	check_status("cap_copy: slot out of range",
		     purlin_cap_copy(pd, OUT_OF_RANGE, signal, ~0ull, 0), PURLIN_BAD_ARGUMENT);
	check_status("cap_copy: slot 0", purlin_cap_copy(pd, 0, signal, ~0ull, 0),
		     PURLIN_BAD_ARGUMENT);
	check_status("cap_copy: badge on memory", purlin_cap_copy(pd, badged, memory, ~0ull, 5),
		     PURLIN_BAD_ARGUMENT);
	check_status("cap_copy", purlin_cap_copy(pd, badged, signal, PURLIN_RIGHT_WRITE, 5),
		     PURLIN_OK);
	check_status("cap_copy: badged already", purlin_cap_copy(pd, empty, badged, ~0ull, 6),
		     PURLIN_BAD_ARGUMENT);
	check_status("cap_info", purlin_cap_info(badged, &type, &rights, &badge), PURLIN_OK);
	check_true("cap_info: contents",
		   type == PURLIN_TYPE_SIGNAL && rights == PURLIN_RIGHT_WRITE && badge == 5);
	check_status("cap_info: empty", purlin_cap_info(empty, &type, &rights, &badge), PURLIN_OK);
	check_equal("cap_info: type of empty", type, PURLIN_TYPE_NONE);
	check_status("cap_info: out of range",
		     purlin_cap_info(OUT_OF_RANGE, &type, &rights, &badge), PURLIN_BAD_ARGUMENT);
}

static void deletion(void)
{
	purlin_u64 signal = new_signal(), copy = weaker(signal, PURLIN_RIGHT_ALL);
	purlin_u64 type = 0, rights = 0, badge = 0, empty = slot_reserve();

	check_status("cap_delete: empty", purlin_cap_delete(PURLIN_SLOT_PD, empty), PURLIN_OK);
	check_status("cap_delete: out of range", purlin_cap_delete(PURLIN_SLOT_PD, OUT_OF_RANGE),
		     PURLIN_BAD_ARGUMENT);
	check_status("cap_delete: not a PD", purlin_cap_delete(signal, empty),
		     PURLIN_BAD_CAPABILITY);
	check_status("cap_delete", purlin_cap_delete(PURLIN_SLOT_PD, signal), PURLIN_OK);
	check_status("cap_delete: the object lives on", purlin_signal_notify(copy, 1), PURLIN_OK);
	check_status("object_destroy: empty", purlin_object_destroy(empty), PURLIN_BAD_CAPABILITY);
	check_status("object_destroy: no right",
		     purlin_object_destroy(weaker(copy, PURLIN_RIGHT_CONTROL)), PURLIN_NO_RIGHT);
	check_status("object_destroy: own PD", purlin_object_destroy(PURLIN_SLOT_PD),
		     PURLIN_NO_RIGHT);
	check_status("object_destroy", purlin_object_destroy(copy), PURLIN_OK);
	check_status("object_destroy: twice", purlin_object_destroy(copy), PURLIN_DEAD);
	check_status("signal_notify: destroyed", purlin_signal_notify(copy, 1), PURLIN_DEAD);
	check_status("cap_info: destroyed", purlin_cap_info(copy, &type, &rights, &badge),
		     PURLIN_DEAD);
}

void test_capabilities(void)
{
	copies();
	deletion();
}

static void check_limit(const char *what, purlin_u64 account, purlin_u64 limit_expected)
{
	purlin_u64 limit = 0, used = 0;

	purlin_account_info(account, &limit, &used);
	check_equal(what, limit, limit_expected);
}

static purlin_u64 pages_used(purlin_u64 account)
{
	purlin_u64 limit = 0, used = 0;

	purlin_account_info(account, &limit, &used);
	return used;
}

/* Of an account of 10 pages, of which memory of 5 pages is created. */
static void limits(purlin_u64 account, purlin_u64 signal)
{
	purlin_u64 weak = weaker(account, PURLIN_RIGHT_ALL & ~PURLIN_RIGHT_DESTROY);
	purlin_u64 used = pages_used(account), memory = slot_reserve();
	purlin_u64 before;

	check_status("account_limit: not an account", purlin_account_limit(signal, 20),
		     PURLIN_BAD_CAPABILITY);
	check_status("account_limit: no right", purlin_account_limit(weak, 20), PURLIN_NO_RIGHT);
	/* What the kernel keeps for it is paid by this account, too. */
	slot_delete(weak);
	before = pages_used(PURLIN_SLOT_ACCOUNT);
	check_status("account_limit: its own account",
		     purlin_account_limit(PURLIN_SLOT_ACCOUNT, NO_PAGES_LEFT), PURLIN_NO_RIGHT);
	check_status("account_limit: more than there are",
		     purlin_account_limit(account, NO_PAGES_LEFT), PURLIN_NO_MEMORY);
	check_status("account_limit: less than is in use", purlin_account_limit(account, used - 1),
		     PURLIN_BUSY);
	check_limit("account_limit: refused, nothing has changed", account, 10);
	check_status("account_limit: more", purlin_account_limit(account, 20), PURLIN_OK);
	check_limit("account_limit: its limit", account, 20);
	check_equal("account_limit: taken from the one above", pages_used(PURLIN_SLOT_ACCOUNT),
		    before + 10);
	check_status("account_limit: what it has grown by can be used",
		     purlin_memory_create(account, memory, 11, 0), PURLIN_OK);
	purlin_object_destroy(memory);
	slot_delete(memory);
	check_status("account_limit: as much as is in use",
		     purlin_account_limit(account, pages_used(account)), PURLIN_OK);
	check_equal("account_limit: given back", pages_used(PURLIN_SLOT_ACCOUNT),
		    before + pages_used(account) - 10);
}

void test_accounts(void)
{
	purlin_u64 slot = slot_reserve(), signal = new_signal(), memory = slot_reserve();
	purlin_u64 limit = 0, used = 0, before = 0;

	check_status("account_create: too much",
		     purlin_account_create(PURLIN_SLOT_ACCOUNT, slot, NO_PAGES_LEFT),
		     PURLIN_NO_MEMORY);
	check_status("account_create: slot in use",
		     purlin_account_create(PURLIN_SLOT_ACCOUNT, signal, 10), PURLIN_SLOT_IN_USE);
	check_status("account_create: slot out of range",
		     purlin_account_create(PURLIN_SLOT_ACCOUNT, OUT_OF_RANGE, 10),
		     PURLIN_BAD_ARGUMENT);
	check_status("account_create: not an account", purlin_account_create(signal, slot, 10),
		     PURLIN_BAD_CAPABILITY);
	check_status("account_create: no right",
		     purlin_account_create(weaker(PURLIN_SLOT_ACCOUNT, 0), slot, 10),
		     PURLIN_NO_RIGHT);
	purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &before);
	check_status("account_create", purlin_account_create(PURLIN_SLOT_ACCOUNT, slot, 10),
		     PURLIN_OK);
	check_status("account_info", purlin_account_info(slot, &limit, &used), PURLIN_OK);
	check_equal("account_info: limit", limit, 10);
	check_status("account_info: not an account", purlin_account_info(signal, &limit, &used),
		     PURLIN_BAD_CAPABILITY);
	check_status("memory_create: account too small", purlin_memory_create(slot, memory, 11, 0),
		     PURLIN_NO_MEMORY);
	check_status("memory_create: from a child account",
		     purlin_memory_create(slot, memory, 5, 0), PURLIN_OK);
	limits(slot, signal);
	check_status("object_destroy: account", purlin_object_destroy(slot), PURLIN_OK);
	check_status("memory_pin: its memory is gone", purlin_memory_pin(memory), PURLIN_DEAD);
	slot_delete(memory);
	slot_delete(slot);
	purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &used);
	check_equal("account: all pages came back", used, before);
}
