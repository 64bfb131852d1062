// SPDX-License-Identifier: MIT
/* Guests do not exist on the host: what the generic kernel tells them is noted for the tests. */
#include "base/call.h"
#include "debug/log.h"
#include "host.h"
#include "object/guest.h"
#include "object/pd.h"
#include "object/signal.h"
#include "object/space.h"
#include "object/vcpu.h"

void vcpu_event(struct thread *vcpu, unsigned int word, uint64_t bits)
{
	host.event_vcpu = vcpu;
	host.event_word = word;
	host.event_bits |= bits;
}

void vcpu_thread_destroy(struct thread *thread)
{
	if (host.event_vcpu == thread)
		host.event_vcpu = NULL;
}

status guest_destroy(struct pd *pd)
{
	host.guests_destroyed++;
	pd->guest = NULL;
	return PURLIN_OK;
}

status guest_memory_gone(struct memory *memory)
{
	host.memories_gone++;
	list_init(&memory->attachments);
	return PURLIN_OK;
}

status space_kill(struct object *object)
{
	(void)object;
	return PURLIN_OK;
}

#define NOT_HERE(name)                  \
	CALL_HANDLER(name)              \
	{                               \
		(void)call;             \
		return PURLIN_BAD_CALL; \
	}
NOT_HERE(vcpu_resume_syscall)
NOT_HERE(vcpu_resume_user)
NOT_HERE(vcpu_resume_kernel)
NOT_HERE(vcpu_apply)
NOT_HERE(vcpu_switch)
NOT_HERE(vcpu_wait)
NOT_HERE(vcpu_deadline)
NOT_HERE(vcpu_configure)
NOT_HERE(vcpu_create)
NOT_HERE(vcpu_start)
NOT_HERE(guest_attach)
NOT_HERE(guest_detach)
NOT_HERE(guest_map)
NOT_HERE(guest_unmap)
NOT_HERE(space_create)
