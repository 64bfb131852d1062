/* SPDX-License-Identifier: GPL-2.0 */
/* Requests to the sessions init has given to the guest. */
#ifndef _ASM_PURLIN_SESSION_H
#define _ASM_PURLIN_SESSION_H

#include <linux/types.h>
#include <purlin/message.h>

/* Linux's word for a negative status of the microkernel or of a server. */
int purlin_errno(long status);

/*
 * Call `endpoint`: `send` words go with the request, up to `receive` come back, in
 * the same array. With `slot`, a capability has to come with the reply: its
 * slot is put there. The processor waits in the call, with events disabled.
 * 0 or a negative error.
 */
int purlin_call(unsigned int endpoint, u32 operation, u64 *words,
		unsigned int send, unsigned int receive, unsigned int *slot);

/* Capabilities of a call: slots that are passed on, and those of what has to come back. */
struct purlin_caps {
	u32 give[PURLIN_MESSAGE_CAPS];
	u32 take[PURLIN_MESSAGE_CAPS];	/* filled in; all 0 after an error */
	unsigned int gives, takes;
};

/* The same as purlin_call() with any number of capabilities. */
int purlin_exchange(unsigned int endpoint, u32 operation, u64 *words,
		    unsigned int send, unsigned int receive, struct purlin_caps *caps);

/* Open a session by way of the parent (PARENT_OPEN): its endpoint is in *slot. */
int purlin_session_open(const char *service, const char *label, unsigned int *slot);

/* A signal in a slot of its own, which raises one event of vCPU 0 and no other. */
int purlin_event_signal(unsigned int event, unsigned int *slot);

/* Empty a slot and give it back. */
void purlin_slot_release(unsigned int slot);

#endif /* _ASM_PURLIN_SESSION_H */
