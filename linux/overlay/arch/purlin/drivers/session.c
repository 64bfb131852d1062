// SPDX-License-Identifier: GPL-2.0
/* Requests to sessions through the message buffer in the state page. */
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <asm/environment.h>
#include <asm/session.h>
#include <asm/vcpu.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include <session/parent.h>

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

/* Words and label of the reply; the number of capabilities that came goes to *came. */
static long transfer(unsigned int endpoint, u32 operation, u64 *words,
		     unsigned int send, unsigned int receive,
		     const struct purlin_caps *caps, unsigned int *came)
{
	struct purlin_message *message;
	unsigned long flags;
	purlin_u64 info;
	long status;

	/* One buffer for each processor: nobody may come between. */
	local_irq_save(flags);
	message = &vcpu_state()->message;
	memcpy(message->word, words, send * sizeof(*words));
	memcpy(message->send_slot, caps->give, sizeof(message->send_slot));
	memcpy(message->receive_slot, caps->take, sizeof(message->receive_slot));
	/* How urgent a server is, the system description says, not its client. */
	status = purlin_endpoint_call(endpoint,
				      PURLIN_INFO(operation, send, caps->gives) |
				      PURLIN_INFO_LENDS_NOTHING, &info);
	if (!status) {
		status = (s32)PURLIN_INFO_LABEL(info);
		*came = PURLIN_INFO_CAPS(info);
		memcpy(words, message->word, receive * sizeof(*words));
	}
	local_irq_restore(flags);
	return status;
}

static void release_taken(struct purlin_caps *caps)
{
	unsigned int i;

	for (i = 0; i < PURLIN_MESSAGE_CAPS; i++) {
		if (caps->take[i])
			purlin_slot_release(caps->take[i]);
		caps->take[i] = 0;
	}
}

static int reserve_taken(struct purlin_caps *caps)
{
	unsigned int i;

	memset(caps->take, 0, sizeof(caps->take));
	for (i = 0; i < caps->takes; i++) {
		int slot = purlin_slot_alloc();

		if (slot < 0) {
			release_taken(caps);
			return slot;
		}
		caps->take[i] = slot;
	}
	return 0;
}

int purlin_exchange(unsigned int endpoint, u32 operation, u64 *words,
		    unsigned int send, unsigned int receive, struct purlin_caps *caps)
{
	unsigned int came = 0;
	long status;
	int ret;

	if (WARN_ON_ONCE(send > PURLIN_MESSAGE_WORDS || receive > PURLIN_MESSAGE_WORDS ||
			 caps->gives > PURLIN_MESSAGE_CAPS || caps->takes > PURLIN_MESSAGE_CAPS))
		return -EINVAL;
	ret = reserve_taken(caps);
	if (ret)
		return ret;
	status = transfer(endpoint, operation, words, send, receive, caps, &came);
	if (!status && came >= caps->takes)
		return 0;
	release_taken(caps);
	return status ? purlin_errno(status) : -EPROTO;
}

int purlin_call(unsigned int endpoint, u32 operation, u64 *words,
		unsigned int send, unsigned int receive, unsigned int *slot)
{
	struct purlin_caps caps = { .takes = slot ? 1 : 0 };
	int ret = purlin_exchange(endpoint, operation, words, send, receive, &caps);

	if (!ret && slot)
		*slot = caps.take[0];
	return ret;
}

int purlin_session_open(const char *service, const char *label, unsigned int *slot)
{
	u64 words[(PARENT_SERVICE_BYTES + PARENT_LABEL_BYTES) / sizeof(u64)] = { 0 };
	char *text = (char *)words;

	strscpy(text, service, PARENT_SERVICE_BYTES);
	strscpy(text + PARENT_SERVICE_BYTES, label, PARENT_LABEL_BYTES);
	return purlin_call(PURLIN_SLOT_PARENT, PARENT_OPEN, words, ARRAY_SIZE(words), 0, slot);
}

int purlin_event_signal(unsigned int event, unsigned int *slot)
{
	int ret, free = purlin_slot_alloc();

	if (free < 0)
		return free;
	ret = purlin_errno(purlin_cap_copy(PURLIN_SLOT_PD, free, PURLIN_SLOT_EVENTS + event / 64,
					   PURLIN_RIGHT_WRITE, BIT_ULL(event % 64)));
	if (ret)
		purlin_slot_release(free);
	else
		*slot = free;
	return ret;
}
