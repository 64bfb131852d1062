/* SPDX-License-Identifier: MIT */
/* Its device works, whatever the other owner of its interrupt line does. */
#include "../check.h"
#include "line.h"
#include "runtime/component.h"
#include "runtime/rpc.h"
#include "runtime/session.h"

#define ROUNDS 300
#define ACKS 3000

static struct edu edu;

static unsigned int rounds(void)
{
	unsigned int came = 0;

	for (unsigned int i = 0; i < ROUNDS; i++) {
		edu_write(&edu, EDU_RAISE, 4);
		if (edu_wait(&edu, 1000) != 4)
			break;
		came++;
	}
	return came;
}

int component_main(purlin_u64 argument)
{
	purlin_u64 hostile = 0;

	(void)argument;
	if (!check_true("device and line", line_start(&edu)) ||
	    !check_status("the other asserts", session_open(LINE_SERVICE, "", &hostile), PURLIN_OK))
		return check_sum();
	if (!check_equal("while the other never acks", rounds(), ROUNDS))
		return check_sum();
	message()->word[0] = ACKS;
	check_status("the other acks without service", rpc(hostile, LINE_ACK, 1), PURLIN_OK);
	check_equal("while the other's device asserts on", rounds(), ROUNDS);
	check_status("the other serves its device", rpc(hostile, LINE_SERVE, 0), PURLIN_OK);
	check_equal("while both behave", rounds(), ROUNDS);
	return check_sum();
}
