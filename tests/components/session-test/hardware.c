/* SPDX-License-Identifier: MIT */
/* IO_PORT and IRQ. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "tests.h"

#define PORTS 0x2e8 /* what the scenario grants */
#define LINE 5

void test_io_port(void)
{
	purlin_u64 session, ports, id, value = 0;

	if (!check_status("IO_PORT: open", session_open("IO_PORT", "", &session), PURLIN_OK))
		return;
	check_status("IO_PORT: not granted", io_port_claim(session, 0xcf8, 8, &ports, &id),
		     PURLIN_NO_RIGHT);
	check_status("IO_PORT: wraps", io_port_claim(session, PORTS, ~0ull, &ports, &id),
		     PURLIN_BAD_ARGUMENT);
	if (!check_status("IO_PORT: claim", io_port_claim(session, PORTS, 8, &ports, &id),
			  PURLIN_OK))
		return;
	check_status("IO_PORT: in", purlin_io_port_in(ports, PORTS, 1, &value), PURLIN_OK);
	check_equal("IO_PORT: nothing is there", value, 0xff);
	check_status("IO_PORT: out of the range", purlin_io_port_in(ports, PORTS + 8, 1, &value),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_PORT: across the end", purlin_io_port_in(ports, PORTS + 6, 4, &value),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_PORT: release", io_port_release(session, id), PURLIN_OK);
	check_status("IO_PORT: in after release", purlin_io_port_in(ports, PORTS, 1, &value),
		     PURLIN_DEAD);
	slot_delete(ports);
}

/* The system description gives us two: we may pass on one, and use both. */
void test_processors(void)
{
	purlin_u64 pd = slot_reserve(), thread = slot_reserve();

	check_equal("processors: those described", component_processors(), 3);
	check_status("processors: a third", purlin_pd_create(PURLIN_SLOT_ACCOUNT, pd, 64, 0, 7),
		     PURLIN_NO_RIGHT);
	check_status("processors: one passed on",
		     purlin_pd_create(PURLIN_SLOT_ACCOUNT, pd, 64, 0, 2), PURLIN_OK);
	check_status("processors: the other there",
		     purlin_thread_create(pd, thread, 0, 1, PURLIN_FIRST_MESSAGE), PURLIN_NO_RIGHT);
	check_status("processors: the one there",
		     purlin_thread_create(pd, thread, 1, 1, PURLIN_FIRST_MESSAGE), PURLIN_OK);
	check_status("processors: destroyed", purlin_object_destroy(pd), PURLIN_OK);
	slot_delete(thread);
	slot_delete(pd);
}

void test_irq(void)
{
	purlin_u64 session, irq, id, delivered = 1, flags = 0, gsi = 0, address, data;
	purlin_u64 signal = slot_reserve();

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	if (!check_status("IRQ: open", session_open("IRQ", "", &session), PURLIN_OK))
		return;
	check_status("IRQ: not granted", irq_claim(session, 9, 0, &irq, &id), PURLIN_NO_RIGHT);
	check_status("IRQ: no MSI for this component",
		     irq_claim_msi(session, 0, &irq, &address, &data, &id), PURLIN_NO_RIGHT);
	check_status("IRQ: bad flags", irq_claim(session, LINE, ~0ull, &irq, &id),
		     PURLIN_BAD_ARGUMENT);
	if (!check_status("IRQ: claim", irq_claim(session, LINE, 0, &irq, &id), PURLIN_OK))
		return;
	check_status("IRQ: bind", purlin_irq_bind(irq, signal, 1), PURLIN_OK);
	check_status("IRQ: ack", purlin_irq_ack(irq), PURLIN_OK);
	check_status("IRQ: info", purlin_irq_info(irq, &delivered, &flags, &gsi), PURLIN_OK);
	check_true("IRQ: nothing delivered yet", !delivered && gsi == LINE);
	check_status("IRQ: release", irq_release(session, id), PURLIN_OK);
	check_status("IRQ: gone", purlin_irq_ack(irq), PURLIN_DEAD);
	slot_delete(irq);
	check_status("IRQ: claim again", irq_claim(session, LINE, PURLIN_IRQ_LEVEL, &irq, &id),
		     PURLIN_OK);
	slot_delete(signal);
}
