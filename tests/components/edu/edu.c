/* SPDX-License-Identifier: MIT */
/* QEMU's educational PCI device. */
#include "edu.h"

#include "purlin/calls.h"
#include "runtime/resources.h"
#include "runtime/session.h"

#define BIT_INTERRUPT 1u
#define BIT_LATE 2u

uint32_t edu_read(const struct edu *edu, unsigned int offset)
{
	return *(volatile uint32_t *)(edu->registers + offset);
}

void edu_write(const struct edu *edu, unsigned int offset, uint32_t value)
{
	*(volatile uint32_t *)(edu->registers + offset) = value;
}

static void write_wide(const struct edu *edu, unsigned int offset, uint64_t value)
{
	*(volatile uint64_t *)(edu->registers + offset) = value;
}

purlin_s64 edu_bind(struct edu *edu, purlin_u64 irq)
{
	purlin_u64 stale;

	edu->irq = irq;
	edu->interrupts = 0;
	(void)purlin_signal_poll(edu->signal, &stale);
	return purlin_irq_bind(irq, edu->signal, BIT_INTERRUPT);
}

static purlin_u64 ticks_of(unsigned int milliseconds)
{
	static purlin_u64 hz;
	purlin_u64 session, now;

	if (!hz && (session_open("Timer", "edu", &session) || timer_info(session, &hz, &now)))
		hz = 1000000000;
	return hz / 1000 * milliseconds;
}

static uint32_t acknowledge(struct edu *edu)
{
	uint32_t causes = edu_read(edu, EDU_INTERRUPT_STATUS);

	edu_write(edu, EDU_ACKNOWLEDGE, causes);
	(void)edu_read(edu, EDU_INTERRUPT_STATUS); /* the line is low before it is unmasked */
	edu->interrupts++;
	(void)purlin_irq_ack(edu->irq);
	return causes;
}

uint32_t edu_wait(struct edu *edu, unsigned int milliseconds)
{
	purlin_u64 bits = 0, late;
	uint32_t causes = 0;

	(void)purlin_timer_set(edu->timer, tsc_now() + ticks_of(milliseconds), edu->signal,
			       BIT_LATE);
	if (!purlin_signal_wait(edu->signal, &bits) && (bits & BIT_INTERRUPT))
		causes = acknowledge(edu);
	(void)purlin_timer_set(edu->timer, ~0ull, edu->signal, BIT_LATE);
	/* The alarm may have come in between; an interrupt cannot: the device is quiet. */
	(void)purlin_signal_poll(edu->signal, &late);
	return causes;
}

void edu_transfer(struct edu *edu, size_t offset, size_t bytes, bool to_memory)
{
	uint64_t memory = edu->bus_address + offset;

	write_wide(edu, EDU_DMA_SOURCE, to_memory ? EDU_BUFFER : memory);
	write_wide(edu, EDU_DMA_DESTINATION, to_memory ? memory : EDU_BUFFER);
	write_wide(edu, EDU_DMA_COUNT, bytes);
	write_wide(edu, EDU_DMA_COMMAND,
		   EDU_DMA_START | EDU_DMA_INTERRUPT | (to_memory ? EDU_DMA_TO_MEMORY : 0));
}
