/* SPDX-License-Identifier: MIT */
/* Runs the guest image with several vCPUs (image/several.c). */
#include <stdio.h>

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "run.h"
#include "runtime/component.h"

int component_main(purlin_u64 argument)
{
	purlin_u64 limit, before, after;

	(void)argument;
	/* The first guest leaves tables behind. */
	play_checks(GUEST_SEVERAL);
	must(purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &before), "account_info");
	play_checks(GUEST_SEVERAL);
	must(purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &after), "account_info");
	line("nothing of the guests is left in the account", after <= before, after, before);
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
