/* SPDX-License-Identifier: MIT */
/* Checks of native test components. */
#include <stdio.h>

#include "check.h"
#include "purlin/calls.h"
#include "runtime/status.h"

static unsigned int passed, failed;

static bool count(bool good)
{
	if (good)
		passed++;
	else
		failed++;
	return good;
}

bool check_status(const char *name, purlin_s64 status, purlin_s64 wanted)
{
	if (status == wanted)
		printf("ok %s\n", name);
	else
		printf("FAILED %s: %s (%ld), wanted: %s (%ld)\n", name, status_text(status), status,
		       status_text(wanted), wanted);
	return count(status == wanted);
}

bool check_equal(const char *name, purlin_u64 value, purlin_u64 wanted)
{
	if (value == wanted)
		printf("ok %s\n", name);
	else
		printf("FAILED %s: 0x%lx, wanted: 0x%lx\n", name, value, wanted);
	return count(value == wanted);
}

bool check_true(const char *name, bool value)
{
	if (value)
		printf("ok %s\n", name);
	else
		printf("FAILED %s: not so\n", name);
	return count(value);
}

bool check_rights(const char *name, purlin_u64 slot, purlin_u64 rights)
{
	purlin_u64 type = 0, found = 0, badge = 0;

	return check_status(name, purlin_cap_info(slot, &type, &found, &badge), PURLIN_OK) &&
	       check_equal(name, found, rights);
}

int check_sum(void)
{
	printf("%u passed, %u failed\n", passed, failed);
	return (int)failed;
}
