// SPDX-License-Identifier: GPL-2.0
/* Requests to sessions through the message buffer in the state page. */
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/environment.h>
#include <asm/session.h>
#include <asm/vcpu.h>
#include <purlin/boot.h>
#include <purlin/calls.h>

int purlin_errno(long status)
{
	switch (status) {
	case PURLIN_OK:
		return 0;
	case PURLIN_NO_RIGHT:
		return -EACCES;
	case PURLIN_BAD_ARGUMENT:
		return -EINVAL;
	case PURLIN_NO_MEMORY:
		return -ENOMEM;
	case PURLIN_BUSY:
		return -EBUSY;
	case PURLIN_AGAIN:
		return -EAGAIN;
	case PURLIN_OVERLAP:
		return -EEXIST;
	case PURLIN_NO_DEVICE:
		return -ENODEV;
	default:
		return -EIO;
	}
}

void purlin_slot_release(unsigned int slot)
{
	purlin_cap_delete(PURLIN_SLOT_PD, slot);
	purlin_slot_free(slot);
}

/* Words and label of the reply; the number of capabilities in `caps`. */
static long transfer(unsigned int endpoint, u32 operation, u64 *words,
		     unsigned int send, unsigned int receive,
		     unsigned int slot, unsigned int *caps)
{
	struct purlin_message *message;
	unsigned long flags;
	purlin_u64 info;
	long status;

	/* One buffer for each processor: nobody may come between. */
	local_irq_save(flags);
	message = &vcpu_state()->message;
	memcpy(message->word, words, send * sizeof(*words));
	memset(message->receive_slot, 0, sizeof(message->receive_slot));
	message->receive_slot[0] = slot;
	/* How urgent a server is, the system description says, not its client. */
	status = purlin_endpoint_call(endpoint,
				      PURLIN_INFO(operation, send, 0) |
				      PURLIN_INFO_LENDS_NOTHING, &info);
	if (!status) {
		status = (s32)PURLIN_INFO_LABEL(info);
		*caps = PURLIN_INFO_CAPS(info);
		memcpy(words, message->word, receive * sizeof(*words));
	}
	local_irq_restore(flags);
	return status;
}

int purlin_call(unsigned int endpoint, u32 operation, u64 *words,
		unsigned int send, unsigned int receive, unsigned int *slot)
{
	unsigned int caps = 0;
	int target = 0;
	long status;

	if (WARN_ON_ONCE(send > PURLIN_MESSAGE_WORDS ||
			 receive > PURLIN_MESSAGE_WORDS))
		return -EINVAL;
	if (slot) {
		target = purlin_slot_alloc();
		if (target < 0)
			return target;
	}

	status = transfer(endpoint, operation, words, send, receive, target,
			  &caps);
	if (!slot)
		return purlin_errno(status);
	if (status || !caps) {
		purlin_slot_release(target);
		return status ? purlin_errno(status) : -EPROTO;
	}
	*slot = target;
	return 0;
}
