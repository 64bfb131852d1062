/* SPDX-License-Identifier: MIT */
/* Errors in words. */
#include "runtime/status.h"

const char *status_text(purlin_s64 status)
{
	static const char *const texts[] = {
		"done",		"no such call",	 "no such capability", "no right",
		"bad argument", "out of memory", "slot in use",	       "busy",
		"gone",		"nothing there", "ranges overlap",     "no such device",
	};
	purlin_u64 index = status < 0 ? 0 - (purlin_u64)status : (purlin_u64)status;

	if (status == PURLIN_SIGNALLED)
		return "signalled";
	return status <= 0 && index < sizeof(texts) / sizeof(texts[0]) ? texts[index] :
									 "unknown status";
}
