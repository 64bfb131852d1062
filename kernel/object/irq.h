/* SPDX-License-Identifier: MIT */
/*
 * Interrupts, each bound to a hardware line (GSI) or message (MSI).
 *
 * Level: the line is masked at delivery and stays so until the owner acks.
 * A line is open exactly when it is bound, not masked by its owner and not waiting for an ack.
 * Edge and MSI: the controller is never masked once bound, because a masked edge would be lost;
 * what fires while the owner masks is remembered once. Against storms see base/storm.h.
 * Soft: without hardware, raised by who made it. Level-triggered, and remembered while it is
 * closed.
 */
#ifndef OBJECT_IRQ_H
#define OBJECT_IRQ_H

#include "object/binding.h"
#include "object/object.h"
#include "purlin/message.h"

struct irq {
	struct object object;
	bool msi;
	bool soft;
	bool masked;		/* by the owner */
	bool unacked;		/* level: delivered, the line is masked */
	bool remembered;	/* not level, or soft: fired while it could not be delivered */
	uint32_t gsi, flags;	/* PURLIN_IRQ_* */
	uint64_t address, data; /* MSI */
	uint64_t delivered;
	uint32_t storms;	      /* how often it was held back */
	char user[PURLIN_NAME_BYTES]; /* the PD that bound it, for the log */
	struct signal_binding binding;
	struct signal_binding watch; /* told of acks and storms */
};

/*
 * Called by the architecture when it has fired: the controller was acknowledged, and a
 * level-triggered line is masked.
 */
void irq_interrupt(struct irq *irq);
status irq_kill(struct object *object);

#endif
