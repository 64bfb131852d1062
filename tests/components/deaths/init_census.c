/* SPDX-License-Identifier: MIT */
/* init with a census: in place of its own, by the linker's --wrap. */
#include "census.h"
#include "init/route.h"
#include "runtime/rpc.h"
#include "session/parent.h"

purlin_s64 __real_route_open(struct component *component, const char *service, const char *label,
			     const purlin_u64 *arguments, unsigned int count, purlin_u64 *slot);
purlin_s64 __wrap_route_open(struct component *component, const char *service, const char *label,
			     const purlin_u64 *arguments, unsigned int count, purlin_u64 *slot);

purlin_s64 __wrap_route_open(struct component *component, const char *service, const char *label,
			     const purlin_u64 *arguments, unsigned int count, purlin_u64 *slot)
{
	if (!is_census(service))
		return __real_route_open(component, service, label, arguments, count, slot);
	census_tell();
	message_put_text(0, PARENT_SERVICE_BYTES, service);
	return rpc(PURLIN_SLOT_PARENT, PARENT_OPEN, PARENT_SERVICE_BYTES / 8);
}
