/* SPDX-License-Identifier: MIT */
/*
 * Objects that hold each other, in chains and in sparse tables: whoever lets go of one end makes
 * the kernel take back all of it, in pieces and without a stack that grows. And what a component
 * may try with the endpoint of its parent.
 */
#include <stdio.h>

#include "../check.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/parent.h"

#define CHAIN 1500u /* PDs that hold the next */
#define PD_PAGES 4u
#define ACCOUNTS 400u
#define SPARSE 200u	 /* pages, far from each other */
#define FAR (1ull << 30) /* each has two tables of its own */
#define FAR_APART 3	 /* two further regions have three: 512 GiB from the others */
#define LINE 24u	 /* clients in a row: each is another's server */
#define PRIORITY 20
#define SLICE 10000 /* microseconds */
#define BASE 0x10000000000ull

static purlin_u64 used(void)
{
	purlin_u64 limit, pages = 0;

	(void)purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &pages);
	return pages;
}

/*
 * Each PD's only capability is in the table of the next, and the first holds itself and the last.
 * PDs live until they are destroyed, or their account is.
 */
static void chain_of_domains(void)
{
	purlin_u64 account = slot_reserve(), first = 0, last = 0, before = used();
	purlin_s64 status = purlin_account_create(PURLIN_SLOT_ACCOUNT, account, CHAIN * PD_PAGES);

	for (unsigned int i = 0; !status && i < CHAIN; i++) {
		purlin_u64 next = slot_reserve();

		status = purlin_pd_create(account, next, 16, 0, PURLIN_PROCESSORS_OWN);
		if (!status && last)
			status = purlin_cap_copy(next, 1, last, PURLIN_RIGHT_ALL, 0);
		if (last && last != first)
			slot_delete(last);
		first = first ? first : next;
		last = next;
	}
	check_status("a chain of PDs", status, PURLIN_OK);
	check_status("it holds itself", purlin_cap_copy(first, 1, first, PURLIN_RIGHT_ALL, 0),
		     PURLIN_OK);
	check_status("and is closed", purlin_cap_copy(first, 2, last, PURLIN_RIGHT_ALL, 0),
		     PURLIN_OK);
	check_status("one end is destroyed", purlin_object_destroy(last), PURLIN_OK);
	check_status("and all", purlin_object_destroy(account), PURLIN_OK);
	slot_delete(first);
	slot_delete(last);
	slot_delete(account);
	check_equal("the chain is gone", used(), before);
}

/* Each within the one before, as many as there may be. */
static void accounts_in_accounts(void)
{
	purlin_u64 slots[ACCOUNTS] = { 0 }, inner = PURLIN_SLOT_ACCOUNT, before = used(), limit,
		   pages;
	unsigned int count = 0;
	purlin_s64 status = PURLIN_OK;

	while (!status && count < ACCOUNTS) {
		slots[count] = slot_reserve();
		status = purlin_account_create(inner, slots[count], 4 * (ACCOUNTS - count));
		inner = slots[count++];
	}
	check_status("accounts in accounts are limited", status, PURLIN_BAD_ARGUMENT);
	check_status("the outermost is destroyed", purlin_object_destroy(slots[0]), PURLIN_OK);
	check_true("the innermost is dead",
		   purlin_account_info(slots[count - 2], &limit, &pages) != PURLIN_OK);
	while (count)
		slot_delete(slots[--count]);
	check_equal("the accounts are gone", used(), before);
}

/* More tables than pages. */
static void sparse_pages(bool by_memory)
{
	purlin_u64 pd = slot_reserve(), memory, before = used();
	purlin_s64 status;

	check_status("a PD for them", purlin_pd_create(PURLIN_SLOT_ACCOUNT, pd, 16, 0, 1),
		     PURLIN_OK);
	status = memory_new(PURLIN_SLOT_ACCOUNT, 1, 0, &memory);
	for (unsigned int i = 0; !status && i < SPARSE; i++)
		status = purlin_memory_map(memory, pd, BASE + i * FAR, 0, 1, PURLIN_MAP_READ);
	for (unsigned int i = 1; !status && i < FAR_APART; i++)
		status = purlin_memory_map(memory, pd, BASE + (SPARSE + 600 * i) * FAR, 0, 1,
					   PURLIN_MAP_READ);
	check_status("pages far from each other", status, PURLIN_OK);
	check_status("all at once", purlin_object_destroy(by_memory ? memory : pd), PURLIN_OK);
	if (by_memory)
		check_status("then the tables", purlin_object_destroy(pd), PURLIN_OK);
	else
		check_status("then the memory", purlin_object_destroy(memory), PURLIN_OK);
	slot_delete(memory);
	slot_delete(pd);
	check_equal("pages and tables are gone", used(), before);
}

static purlin_u64 endpoints[LINE + 1], silence;
static volatile unsigned int waiting;
static volatile purlin_s64 told = 1;

/* Whoever is asked asks the next. */
static void ask_next(void *argument)
{
	purlin_u64 number = (purlin_u64)argument, info, badge;
	purlin_s64 status = PURLIN_OK;

	if (number)
		status = purlin_endpoint_receive(endpoints[number], &info, &badge);
	waiting++;
	if (!status)
		status = rpc(endpoints[number + 1], 1, 0);
	if (!number)
		told = status;
	else
		(void)purlin_endpoint_reply_receive(endpoints[number], PURLIN_INFO(status, 0, 0),
						    &info, &badge);
	for (;;)
		(void)purlin_signal_wait(silence, &info);
}

/* The first one's priority goes along the row, each time that it changes. */
static void row_of_clients(void)
{
	purlin_u64 threads[LINE];
	purlin_s64 status;

	silence = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, silence);
	for (unsigned int i = 0; i <= LINE; i++) {
		endpoints[i] = slot_reserve();
		status |= purlin_endpoint_create(PURLIN_SLOT_ACCOUNT, endpoints[i]);
	}
	check_status("endpoints", status, PURLIN_OK);
	for (purlin_u64 i = LINE; i-- > 0;)
		status |= thread_spawn(ask_next, (void *)i, 0, PRIORITY, &threads[i]);
	check_status("threads", status, PURLIN_OK);
	while (waiting < LINE)
		purlin_thread_yield();
	for (unsigned int i = 0; i <= 40; i++)
		status |= purlin_thread_schedule(threads[0], PRIORITY - i % 8, SLICE);
	check_status("their priorities", status, PURLIN_OK);
	/* In the middle: those before are told, those behind go on waiting. */
	check_status("one of them", purlin_object_destroy(endpoints[LINE / 2]), PURLIN_OK);
	for (unsigned int i = 0; told > 0 && i < 1000; i++)
		purlin_thread_yield();
	check_true("the first is told", told <= 0);
	for (unsigned int i = 0; i <= LINE; i++) {
		(void)purlin_object_destroy(endpoints[i]);
		slot_delete(endpoints[i]);
	}
}

/* The parent's requests are not for its child to take, nor the end of it. */
static void parents_endpoint(void)
{
	purlin_u64 copy, info = 0, badge = 0;

	check_status("receive what others ask",
		     purlin_endpoint_receive(PURLIN_SLOT_PARENT, &info, &badge), PURLIN_NO_RIGHT);
	check_status("the end of the parent", purlin_object_destroy(PURLIN_SLOT_PARENT),
		     PURLIN_NO_RIGHT);
	check_status("a copy", slot_copy(PURLIN_SLOT_PARENT, PURLIN_RIGHT_ALL, 0, &copy),
		     PURLIN_OK);
	check_status("receive by a copy", purlin_endpoint_receive(copy, &info, &badge),
		     PURLIN_NO_RIGHT);
	slot_delete(copy);
	check_true("another life's badge",
		   slot_copy(PURLIN_SLOT_PARENT, PURLIN_RIGHT_ALL, 7, &copy) != PURLIN_OK);
	check_status("a server's request to a parent", rpc(PURLIN_SLOT_PARENT, SERVER_OPEN, 6),
		     PURLIN_BAD_CALL);
	check_status("the end of a session of others", rpc(PURLIN_SLOT_PARENT, SERVER_CLOSE, 1),
		     PURLIN_BAD_CALL);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	parents_endpoint();
	chain_of_domains();
	accounts_in_accounts();
	sparse_pages(false);
	sparse_pages(true);
	row_of_clients();
	return check_sum();
}
