// SPDX-License-Identifier: MIT
/* Interrupts. */
#include "object/irq.h"

#include "base/arch.h"
#include "core/call.h"
#include "base/string.h"
#include "debug/log.h"
#include "object/account.h"
#include "object/capability.h"
#include "object/pd.h"
#include "object/thread.h"

static struct irq *irq_of(struct object *object)
{
	return container_of(object, struct irq, object);
}

static bool level(const struct irq *irq)
{
	return irq->flags & PURLIN_IRQ_LEVEL;
}

/* Bring the controller's mask to what the states in irq.h say. */
static void line_update(const struct irq *irq)
{
	bool masked = !irq->binding.signal || (level(irq) && (irq->masked || irq->unacked));

	if (!irq->msi)
		arch_irq_gsi_mask(irq->gsi, masked);
}

static void fire(struct irq *irq)
{
	irq->delivered++;
	signal_fire(&irq->binding);
}

void irq_interrupt(struct irq *irq)
{
	trace(PURLIN_TRACE_IRQ, "interrupt: gsi %d\n", irq->msi ? -1 : (int)irq->gsi);
	if (level(irq)) {
		irq->unacked = true;
		fire(irq);
	} else if (irq->masked || !irq->binding.signal) {
		irq->remembered = true;
	} else {
		fire(irq);
	}
}

/* What was remembered while masked or not bound. */
static void catch_up(struct irq *irq)
{
	if (!irq->remembered || irq->masked || !irq->binding.signal)
		return;
	irq->remembered = false;
	fire(irq);
}

status irq_kill(struct object *object)
{
	struct irq *irq = irq_of(object);

	if (!irq->msi)
		arch_irq_gsi_mask(irq->gsi, true);
	if (signal_unbind(&irq->binding) == CALL_RESTART)
		return CALL_RESTART;
	if (irq->msi)
		arch_irq_msi_release(irq, irq->address, irq->data);
	else
		arch_irq_gsi_release(irq, irq->gsi);
	return PURLIN_OK;
}

/* Interrupts are paid by who creates them. */
static status irq_allocate(struct thread *caller, uint64_t slot_number, struct capability **slot,
			   struct irq **irq)
{
	status result = capability_slot(caller, slot_number, slot);

	if (result != PURLIN_OK)
		return call_refuse(2, result);
	*irq = account_allocate(caller->object.account, sizeof(**irq));
	return *irq ? PURLIN_OK : PURLIN_NO_MEMORY;
}

CALL_HANDLER(irq_create_gsi)
{
	struct account *account = caller->object.account;
	struct capability *slot;
	struct irq *irq;
	status result;

	CALL_UNUSED(object);
	CALL_UNUSED(capability);
	if (arguments[2] > UINT32_MAX)
		return call_refuse(3, PURLIN_NO_DEVICE);
	if (arguments[3] & ~(uint64_t)(PURLIN_IRQ_LEVEL | PURLIN_IRQ_ACTIVE_LOW))
		return call_refuse(4, PURLIN_BAD_ARGUMENT);
	result = irq_allocate(caller, arguments[1], &slot, &irq);
	if (result != PURLIN_OK)
		return result;
	irq->gsi = (uint32_t)arguments[2];
	irq->flags = (uint32_t)arguments[3];
	result = arch_irq_gsi_claim(irq, irq->gsi, irq->flags);
	if (result != PURLIN_OK) {
		account_free(account, irq);
		return call_refuse(3, result);
	}
	object_init(&irq->object, PURLIN_TYPE_IRQ, account);
	capability_fill(slot, &irq->object, PURLIN_RIGHT_ALL, 0);
	return PURLIN_OK;
}

CALL_HANDLER(irq_create_msi)
{
	struct account *account = caller->object.account;
	struct capability *slot;
	struct irq *irq;
	status result;

	CALL_UNUSED(object);
	CALL_UNUSED(capability);
	result = pd_processor_check(caller->pd, arguments[2]);
	if (result != PURLIN_OK)
		return call_refuse(3, result);
	result = irq_allocate(caller, arguments[1], &slot, &irq);
	if (result != PURLIN_OK)
		return result;
	irq->msi = true;
	result = arch_irq_msi_claim(irq, (unsigned int)arguments[2], &irq->address, &irq->data);
	if (result != PURLIN_OK) {
		account_free(account, irq);
		return call_refuse(3, result);
	}
	object_init(&irq->object, PURLIN_TYPE_IRQ, account);
	capability_fill(slot, &irq->object, PURLIN_RIGHT_ALL, 0);
	arch_call_result(caller, 0, irq->address);
	arch_call_result(caller, 1, irq->data);
	return PURLIN_OK;
}

CALL_HANDLER(irq_bind)
{
	struct irq *irq = irq_of(object);
	struct capability *signal;
	status result = capability_of(caller, arguments[1], PURLIN_TYPE_SIGNAL, PURLIN_RIGHT_WRITE,
				      &signal);

	CALL_UNUSED(capability);
	if (result != PURLIN_OK)
		return call_refuse(2, result);
	if (signal_bind(&irq->binding, signal, arguments[2]) == CALL_RESTART)
		return CALL_RESTART;
	memcpy(irq->user, caller->pd->name, sizeof(irq->user) - 1);
	irq->masked = false;
	/* Whoever was to ack before is out: the line starts anew. */
	irq->unacked = false;
	line_update(irq);
	catch_up(irq);
	return PURLIN_OK;
}

CALL_HANDLER(irq_ack)
{
	struct irq *irq = irq_of(object);

	CALL_UNUSED(caller);
	CALL_UNUSED(arguments);
	CALL_UNUSED(capability);
	if (irq->unacked) {
		irq->unacked = false;
		line_update(irq);
	}
	return PURLIN_OK;
}

CALL_HANDLER(irq_mask)
{
	struct irq *irq = irq_of(object);

	CALL_UNUSED(caller);
	CALL_UNUSED(capability);
	irq->masked = arguments[1] != 0;
	line_update(irq);
	catch_up(irq);
	return PURLIN_OK;
}

CALL_HANDLER(irq_info)
{
	struct irq *irq = irq_of(object);

	CALL_UNUSED(arguments);
	CALL_UNUSED(capability);
	arch_call_result(caller, 0, irq->delivered);
	arch_call_result(caller, 1, irq->flags);
	arch_call_result(caller, 2, irq->msi ? ~0ull : irq->gsi);
	return PURLIN_OK;
}
