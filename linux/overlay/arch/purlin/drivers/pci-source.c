// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of devices: an interrupt capability bound to an event. The microkernel
 * masks a level-triggered line when it delivers it, and unmasks it by irq_ack;
 * irq_mask is for disable_irq() and the like, and remembers edges.
 */
#include <linux/irq.h>
#include <asm/irq.h>
#include <asm/session.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include "pci-host.h"

int purlin_source_init(struct purlin_source *source, unsigned int slot)
{
	int event = purlin_event_alloc();

	if (event < 0)
		return event;
	*source = (struct purlin_source) {
		.slot = slot,
		.event = event,
	};
	return 0;
}

void purlin_source_release(struct purlin_source *source)
{
	purlin_slot_release(source->slot);
	purlin_event_free(source->event);
}

/* Binding unmasks. */
unsigned int purlin_source_startup(struct irq_data *data)
{
	struct purlin_source *source = irq_data_get_irq_chip_data(data);
	long status;

	status = purlin_irq_bind(source->slot,
				 PURLIN_SLOT_EVENTS + source->event / 64,
				 BIT_ULL(source->event % 64));
	source->masked = false;
	source->delivered = false;
	return status ? purlin_errno(status) : 0;
}

void purlin_source_mask(struct irq_data *data)
{
	struct purlin_source *source = irq_data_get_irq_chip_data(data);

	/* A delivered line is masked, and stays so until acknowledged. */
	if (source->masked || source->delivered)
		return;
	purlin_irq_mask(source->slot, 1);
	source->masked = true;
}

void purlin_source_shutdown(struct irq_data *data)
{
	struct purlin_source *source = irq_data_get_irq_chip_data(data);

	source->delivered = false;
	purlin_source_mask(data);
}

void purlin_source_unmask(struct irq_data *data)
{
	struct purlin_source *source = irq_data_get_irq_chip_data(data);

	if (source->masked)
		purlin_irq_mask(source->slot, 0);
	if (source->delivered)
		purlin_irq_ack(source->slot);
	source->masked = false;
	source->delivered = false;
}

/* irq_mask_ack of level-triggered lines: done by the microkernel. */
void purlin_source_delivered(struct irq_data *data)
{
	struct purlin_source *source = irq_data_get_irq_chip_data(data);

	source->delivered = true;
}
