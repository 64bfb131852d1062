// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts of devices: an interrupt capability bound to an event. The microkernel
 * masks a level-triggered line when it delivers it, and unmasks it by irq_ack;
 * irq_mask is for disable_irq() and the like, and remembers edges.
 */
#include <linux/irq.h>
#include <asm/irq.h>
#include <asm/session.h>
#include <asm/smp.h>
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
static int bind(struct purlin_source *source)
{
	long status = purlin_irq_bind(source->slot,
				      smp_event_slot(source->cpu) + source->event / 64,
				      BIT_ULL(source->event % 64));

	return status ? purlin_errno(status) : 0;
}

unsigned int purlin_source_startup(struct irq_data *data)
{
	struct purlin_source *source = irq_data_get_irq_chip_data(data);
	int ret = bind(source);

	source->masked = false;
	source->delivered = false;
	irq_data_update_effective_affinity(data, cpumask_of(source->cpu));
	return ret;
}

/*
 * What came before goes to the vCPU it was meant for, and is handled there. A line that is not
 * acknowledged yet opens and may come once more: its flow handler expects that.
 */
int purlin_source_set_affinity(struct irq_data *data, const struct cpumask *mask, bool force)
{
	struct purlin_source *source = irq_data_get_irq_chip_data(data);
	unsigned int cpu = cpumask_any_and(mask, cpu_online_mask);
	int ret = 0;

	if (cpu >= nr_cpu_ids)
		return -EINVAL;
	if (cpu != source->cpu) {
		source->cpu = cpu;
		if (irqd_is_started(data)) {
			ret = bind(source);
			if (source->masked)
				purlin_irq_mask(source->slot, 1);
		}
	}
	irq_data_update_effective_affinity(data, cpumask_of(cpu));
	return ret ? ret : IRQ_SET_MASK_OK;
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
