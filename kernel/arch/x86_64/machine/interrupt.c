// SPDX-License-Identifier: MIT
/* Vectors: which interrupt object each belongs to, on which processor. */
#include "arch/apic.h"
#include "arch/machine.h"
#include "base/arch.h"
#include "base/storm.h"
#include "base/timeout.h"
#include "debug/console.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/irq.h"

#define VECTORS (VECTOR_DEVICE_LAST - VECTOR_DEVICE_FIRST + 1)
#define GSI_NONE (~0u)
#define MESSAGE_ADDRESS 0xfee00000u
#define MESSAGE_ID_MAX 0xffu
#define MESSAGE_ID_LOW 12  /* bits 0 to 7 of an APIC id */
#define MESSAGE_ID_HIGH 40 /* bits 8 to 31 */

static struct vector {
	struct irq *irq; /* NULL: free */
	uint32_t gsi;	 /* of a level-triggered line, else GSI_NONE */
	struct storm storm;
	bool storm_told;
} vectors[CPU_MAX][VECTORS];

/* Lines go to one processor; which vector a claimed line has: */
#define LINES 512
static uint8_t line_vector[LINES]; /* 0: not claimed */
#define LINE_CPU 0

/* A free vector of a processor; 0: none. Taken from the top: higher vectors go first. */
static uint8_t vector_claim(unsigned int cpu, struct irq *irq, uint32_t gsi)
{
	for (unsigned int i = VECTORS; i > 0; i--) {
		struct vector *vector = &vectors[cpu][i - 1];
		if (vector->irq)
			continue;
		*vector = (struct vector){ .irq = irq, .gsi = gsi };
		return (uint8_t)(VECTOR_DEVICE_FIRST + i - 1);
	}
	return 0;
}

static void vector_release(unsigned int cpu, uint8_t vector)
{
	vectors[cpu][vector - VECTOR_DEVICE_FIRST].irq = NULL;
}

status arch_irq_gsi_claim(struct irq *irq, uint32_t gsi, uint32_t flags)
{
	if (gsi >= LINES || !ioapic_has(gsi))
		return PURLIN_NO_DEVICE;
	if (line_vector[gsi])
		return PURLIN_BUSY;
	/*
	 * Routed but masked (ioapic_route): nothing arrives before the owner has bound its
	 * signal.
	 */
	line_vector[gsi] = vector_claim(LINE_CPU, irq, flags & PURLIN_IRQ_LEVEL ? gsi : GSI_NONE);
	if (!line_vector[gsi])
		return PURLIN_NO_DEVICE;
	ioapic_route(gsi, cpus[LINE_CPU].apic_id, line_vector[gsi], flags);
	return PURLIN_OK;
}

void arch_irq_gsi_release(struct irq *irq, uint32_t gsi)
{
	(void)irq;
	/*
	 * Masked before its vector is free, or the next owner of the vector got this line's, too.
	 */
	arch_irq_gsi_mask(gsi, true);
	vector_release(LINE_CPU, line_vector[gsi]);
	line_vector[gsi] = 0;
}

/* While a line was switched, an edge may have been lost; once more does no harm. */
static void repeat_edges(uint32_t gsi)
{
	for (; gsi < LINES && ioapic_has(gsi); gsi++) {
		unsigned int vector = line_vector[gsi];
		struct vector *line = &vectors[LINE_CPU][vector - VECTOR_DEVICE_FIRST];

		if (vector && line->gsi == GSI_NONE)
			irq_interrupt(line->irq);
	}
}

status arch_irq_remap(uint32_t gsi, uint64_t entry, uint64_t *destination)
{
	if (!ioapic_begins(gsi))
		return PURLIN_NO_DEVICE;
	*destination = cpus[LINE_CPU].apic_id | (cpu_features.x2apic ? IRQ_REMAP_WIDE : 0);
	if (entry == IRQ_REMAP_NOTHING)
		return PURLIN_OK;
	ioapic_remap(gsi, (uint32_t)entry, cpus[LINE_CPU].apic_id);
	repeat_edges(gsi);
	return PURLIN_OK;
}

static uint64_t message_address(uint32_t apic_id)
{
	return MESSAGE_ADDRESS | (uint64_t)(apic_id & MESSAGE_ID_MAX) << MESSAGE_ID_LOW |
	       (uint64_t)(apic_id & ~MESSAGE_ID_MAX) << (MESSAGE_ID_HIGH - 8);
}

/*
 * Address and data: SDM 3A, 10.11. Fixed delivery, edge. A wider id has its upper bits where no
 * device can send them: for tables of interrupt remapping only.
 */
status arch_irq_msi_claim(struct irq *irq, unsigned int cpu, uint64_t *address, uint64_t *data)
{
	uint8_t vector = vector_claim(cpu, irq, GSI_NONE);
	if (!vector)
		return PURLIN_NO_DEVICE;
	/* Whoever can make a device write these can raise the vector: the platform keeps them. */
	*address = message_address(cpus[cpu].apic_id);
	*data = vector;
	return PURLIN_OK;
}

void arch_irq_msi_release(struct irq *irq, uint64_t address, uint64_t data)
{
	(void)irq;
	for (unsigned int cpu = 0; cpu < cpu_count; cpu++)
		/* The address says which processor it is, since the object does not keep that. */
		if (message_address(cpus[cpu].apic_id) == address)
			vector_release(cpu, (uint8_t)data);
}

static struct timeout calm[CPU_MAX];

static void storm_over(struct timeout *timeout)
{
	(void)timeout;
	apic_hold_devices(false);
}

/*
 * The processor takes no device interrupts for a while. Those that come meanwhile wait in the
 * local APIC, each once.
 */
static void storm_hold(struct vector *vector, unsigned int number, uint64_t until)
{
	unsigned int cpu = cpu_this()->id;

	if (!vector->storm_told &&
	    (!vector->irq || account_log_allowed(vector->irq->object.account)))
		log_print("interrupt storm: vector %u of %s, held back\n", number,
			  vector->irq ? vector->irq->user : "nobody");
	vector->storm_told = true;
	if (vector->irq) {
		vector->irq->storms++;
		signal_fire(&vector->irq->watch);
	}
	apic_hold_devices(true);
	calm[cpu].function = storm_over;
	timeout_set(&calm[cpu], until);
}

/* A watcher silences the source itself and needs little time for that, so the hold is short. */
static uint64_t storm_end(const struct vector *vector, uint64_t until)
{
	uint64_t soon = arch_time() + arch_time_hz() / 1000000 * STORM_WATCHED_US;

	return vector->irq && vector->irq->watch.signal && soon < until ? soon : until;
}

/* A vector may fire once more after its release, or for nobody at all: no harm. */
static void device_interrupt(unsigned int number)
{
	struct vector *vector = &vectors[cpu_this()->id][number - VECTOR_DEVICE_FIRST];
	uint64_t until = storm_next(&vector->storm);

	/*
	 * A device may send faster than its owner can handle it. The account of the owner does not
	 * pay for interrupts, so without a limit others would lose the processor.
	 */
	if (until)
		storm_hold(vector, number, storm_end(vector, until));
	/*
	 * Before the EOI: after it, a line that its device still asserts would come again at once.
	 */
	if (vector->irq && vector->gsi != GSI_NONE)
		arch_irq_gsi_mask(vector->gsi, true);
	apic_end_of_interrupt();
	if (vector->irq)
		irq_interrupt(vector->irq);
	else
		trace(PURLIN_TRACE_IRQ, "spurious interrupt, vector %u\n", number);
}

void interrupt_dispatch(unsigned int vector)
{
	switch (vector) {
	case VECTOR_TIMER:
		apic_end_of_interrupt();
		timeout_expired();
		break;
	case VECTOR_RESCHEDULE:
		apic_end_of_interrupt();
		break;
	case VECTOR_SHOOTDOWN:
		apic_end_of_interrupt();
		tlb_answer();
		break;
	case VECTOR_STOP:
		arch_halt();
	default:
		/* Neither the old controllers' spurious interrupts nor ours want an EOI. */
		if (vector >= VECTOR_DEVICE_FIRST && vector <= VECTOR_DEVICE_LAST)
			device_interrupt(vector);
	}
}
