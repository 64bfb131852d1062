/* SPDX-License-Identifier: MIT */
/* core with a census: in place of its own, by the linker's --wrap. */
#include "census.h"
#include "core/opening.h"
#include "runtime/rpc.h"
#include "session/parent.h"

purlin_s64 __real_session_create(purlin_u64 endpoint, struct request *request);
purlin_s64 __wrap_session_create(purlin_u64 endpoint, struct request *request);

purlin_s64 __wrap_session_create(purlin_u64 endpoint, struct request *request)
{
	char name[PARENT_SERVICE_BYTES + 1];

	words_get_text(name, request->word, PARENT_SERVICE_BYTES);
	if (is_census(name))
		census_tell();
	return __real_session_create(endpoint, request);
}
