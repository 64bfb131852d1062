/* SPDX-License-Identifier: MIT */
/* Runs the guest image once for each part it can play alone. */
#include <stdio.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "run.h"
#include "runtime/component.h"

static void play_misbehaviour(enum guest_mode mode, const char *name, purlin_u64 expected)
{
	struct guest guest;
	purlin_u64 reason = 0, state;

	guest_make(&guest, mode);
	state = guest_play(&guest, mode, &reason);
	line(name, state == 3 && reason == expected, state << 8 | reason, 3u << 8 | expected);
	guest_end(&guest);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 limit, before, after;

	(void)argument;
	play_checks(GUEST_CHECKS);
	play_checks(GUEST_MEASURE);
	must(purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &before), "account_info");
	play_misbehaviour(GUEST_BAD_BATCH_OPERATION, "batch: unknown operation",
			  PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_BATCH_ADDRESS, "batch: memory it has not",
			  PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_BATCH_RANGE, "batch: the kernel's addresses",
			  PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_BATCH_LAST_PAGE, "batch: the page that nobody may map",
			  PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_TABLE_LAST_PAGE, "table: the page that nobody may map",
			  PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_BATCH_COUNT, "batch: too many entries", PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_TABLE_ADDRESS, "table: memory it has not",
			  PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_TABLE_ALIGNMENT, "table: half an entry", PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_TABLE_END, "table: two pages of entries",
			  PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_TABLE_ENTRY, "table: an entry for memory it has not",
			  PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_BATCH_NO_SPACE, "batch: no space", PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_BAD_BATCH_SPACE, "batch: not a space", PURLIN_STOP_BAD_BATCH);
	play_misbehaviour(GUEST_FAULT_IN_CRITICAL_RANGE, "fault in the critical range",
			  PURLIN_STOP_DOUBLE_FAULT);
	play_misbehaviour(GUEST_FAULT_UNCONFIGURED, "fault before vcpu_configure",
			  PURLIN_STOP_DOUBLE_FAULT);
	play_checks(GUEST_MANY);
	play_checks(GUEST_POOR);
	play_misbehaviour(GUEST_POOR_STOPS, "no memory for a batch entry", PURLIN_STOP_NO_MEMORY);
	must(purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &after), "account_info");
	line("nothing of the guests is left in the account", after <= before, after, before);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
