// SPDX-License-Identifier: MIT
/* Interrupts. */
#include "object/irq.h"

#include "base/arch.h"
#include "base/call.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/pd.h"

OBJECT_OF(irq)

static bool level(const struct irq *irq)
{
	return irq->flags & PURLIN_IRQ_LEVEL;
}

/* An input of an I/O APIC, which can be masked there. */
static bool line(const struct irq *irq)
{
	return !irq->msi && !irq->soft;
}

/* The states in irq.h. */
static bool closed(const struct irq *irq)
{
	return !irq->binding.signal || (irq->masked | irq->unacked);
}

/* Bring the controller's mask to what the states in irq.h say. */
static void line_update(const struct irq *irq)
{
	/*
	 * An edge is never masked while it is bound: the controller would lose it
	 * (irq_interrupt()).
	 */
	bool masked = level(irq) ? closed(irq) : !irq->binding.signal;

	if (line(irq))
		arch_irq_gsi_mask(irq->gsi, masked);
}

static void fire(struct irq *irq)
{
	irq->unacked = level(irq);
	irq->delivered++;
	signal_fire(&irq->binding);
}

void irq_interrupt(struct irq *irq)
{
	trace(PURLIN_TRACE_IRQ, "interrupt: gsi %d\n", irq->msi ? -1 : (int)irq->gsi);
	/*
	 * The controller has masked a level-triggered line; it stays so until irq_ack. An edge or
	 * message cannot be masked there without losing it, so it is remembered here instead: once
	 * is enough, since a driver looks at its device.
	 */
	if (!closed(irq) || (line(irq) && level(irq)))
		fire(irq);
	else
		irq->remembered = true;
}

/* Deliver once if anything came while the interrupt was closed. */
static void catch_up(struct irq *irq)
{
	if (!irq->remembered || closed(irq))
		return;
	irq->remembered = false;
	fire(irq);
}

/* The client has changed what keeps the interrupt closed. */
static status reopen(struct irq *irq)
{
	line_update(irq);
	catch_up(irq);
	return PURLIN_OK;
}

/* It was acked, or there is nobody left who owes an ack. */
static void settle(struct irq *irq)
{
	if (!irq->unacked)
		return;
	irq->unacked = false;
	if (irq->soft)
		signal_fire(&irq->watch);
}

status irq_kill(struct object *object)
{
	struct irq *irq = irq_of(object);

	/*
	 * Silence it first: giving up the signal may take rounds, and the line must not fire
	 * between them.
	 */
	if (line(irq))
		arch_irq_gsi_mask(irq->gsi, true);
	if (signal_unbind(&irq->binding) == CALL_RESTART ||
	    signal_unbind(&irq->watch) == CALL_RESTART)
		return CALL_RESTART;
	if (irq->msi)
		arch_irq_msi_release(irq, irq->address, irq->data);
	else if (!irq->soft)
		arch_irq_gsi_release(irq, irq->gsi);
	return PURLIN_OK;
}

static status irq_claim(struct irq *irq, unsigned int cpu)
{
	return irq->msi ? arch_irq_msi_claim(irq, cpu, &irq->address, &irq->data) :
			  arch_irq_gsi_claim(irq, irq->gsi, irq->flags);
}

/* Interrupts are paid by who creates them. `cpu` is for messages. */
static status irq_create(const struct call *call, const struct irq *wanted, unsigned int cpu)
{
	struct account *account = call->pd->object.account;
	struct capability *slot;
	struct irq *irq;
	status result = call_slot(call, &slot);

	if (result != PURLIN_OK)
		return result;
	irq = account_allocate(account, sizeof(*irq));
	if (!irq)
		return PURLIN_NO_MEMORY;
	*irq = *wanted;
	/* Before it is an object: then a vector that cannot be had leaves nothing to destroy. */
	result = irq_claim(irq, cpu);
	if (result != PURLIN_OK) {
		account_free(account, irq);
		return call_refuse(3, result);
	}
	object_init(&irq->object, PURLIN_TYPE_IRQ, account);
	capability_fill(slot, &irq->object, PURLIN_RIGHT_ALL, 0);
	if (irq->msi) {
		arch_call_result(call->caller, 0, irq->address);
		arch_call_result(call->caller, 1, irq->data);
	}
	return PURLIN_OK;
}

CALL_HANDLER(irq_create_soft)
{
	struct object *object;
	status result = call_create(call, account_of(call->object), PURLIN_TYPE_IRQ,
				    sizeof(struct irq), &object);

	if (result != PURLIN_OK)
		return result;
	irq_of(object)->soft = true;
	irq_of(object)->flags = PURLIN_IRQ_LEVEL;
	return PURLIN_OK;
}

CALL_HANDLER(irq_create_gsi)
{
	const struct irq_create_gsi_arguments *arguments = &call->arguments->irq_create_gsi;
	struct irq wanted = { .gsi = (uint32_t)arguments->gsi,
			      .flags = (uint32_t)arguments->flags };

	if (arguments->gsi > UINT32_MAX)
		return call_refuse(3, PURLIN_NO_DEVICE);
	if (arguments->flags & ~(uint64_t)(PURLIN_IRQ_LEVEL | PURLIN_IRQ_ACTIVE_LOW))
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	return irq_create(call, &wanted, 0);
}

CALL_HANDLER(irq_create_msi)
{
	const struct irq wanted = { .msi = true };
	uint64_t cpu = call->arguments->irq_create_msi.cpu;
	status result = pd_processor_check(call->pd, cpu);

	if (result != PURLIN_OK)
		return call_refuse(3, result);
	return irq_create(call, &wanted, (unsigned int)cpu);
}

#define REMAP_ENTRIES 65536u
#define REMAP_LINES 512u /* vectors, and vectors of level-triggered lines */

CALL_HANDLER(irq_remap)
{
	uint64_t gsi = call->arguments->irq_remap.gsi, entry = call->arguments->irq_remap.entry;
	uint64_t destination = 0;
	status result;

	if (entry != IRQ_REMAP_NOTHING && entry > REMAP_ENTRIES - REMAP_LINES)
		return call_refuse(3, PURLIN_BAD_ARGUMENT);
	result = gsi > UINT32_MAX ? PURLIN_NO_DEVICE :
				    arch_irq_remap((uint32_t)gsi, entry, &destination);
	if (result != PURLIN_OK)
		return call_refuse(2, result);
	arch_call_result(call->caller, 0, destination);
	return PURLIN_OK;
}

CALL_HANDLER(irq_bind)
{
	struct irq *irq = irq_of(call->object);
	status result = signal_bind(&irq->binding, call, 2);

	if (result != PURLIN_OK)
		return result;
	/* For the log, if it storms: the component that has to be looked at. */
	memcpy(irq->user, call->pd->name, sizeof(irq->user) - 1);
	irq->masked = false;
	/* An ack that the former owner still owes is void: the new one starts with an open line. */
	settle(irq);
	return reopen(irq);
}

CALL_HANDLER(irq_ack)
{
	struct irq *irq = irq_of(call->object);

	settle(irq);
	return reopen(irq);
}

/* A line says itself when it is asserted; raised beside that, it would be masked for nothing. */
CALL_HANDLER(irq_raise)
{
	struct irq *irq = irq_of(call->object);

	if (line(irq))
		return call_refuse(1, PURLIN_BAD_ARGUMENT);
	irq_interrupt(irq);
	return PURLIN_OK;
}

CALL_HANDLER(irq_watch)
{
	return signal_bind(&irq_of(call->object)->watch, call, 2);
}

CALL_HANDLER(irq_mask)
{
	struct irq *irq = irq_of(call->object);

	irq->masked = call->arguments->irq_mask.masked != 0;
	return reopen(irq);
}

CALL_HANDLER(irq_info)
{
	struct thread *caller = call->caller;
	struct irq *irq = irq_of(call->object);

	arch_call_result(caller, 0, irq->delivered);
	arch_call_result(caller, 1,
			 irq->flags | (irq->unacked ? PURLIN_IRQ_UNACKED : 0u) |
				 (uint64_t)irq->storms << 32);
	arch_call_result(caller, 2, line(irq) ? irq->gsi : ~0ull);
	return PURLIN_OK;
}
