/* SPDX-License-Identifier: MIT */
/* IO_PORT and IRQ. */
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/resources.h"
#include "runtime/session.h"
#include "session/irq.h"
#include "runtime/slots.h"
#include "tests.h"

#define PORTS 0x2e8 /* what the scenario grants */
#define LINE 5

/* A session meets itself, but no other. */
static void test_second_holder(purlin_u64 session)
{
	purlin_u64 other, ports, id;

	check_status("IO_PORT: other session", session_open("IO_PORT", "other", &other), PURLIN_OK);
	check_status("IO_PORT: held by another", io_port_claim(other, PORTS + 7, 1, &ports, &id),
		     PURLIN_BUSY);
	if (!check_status("IO_PORT: overlap of its own",
			  io_port_claim(session, PORTS + 4, 4, &ports, &id), PURLIN_OK))
		return;
	check_status("IO_PORT: release of the overlap", io_port_release(session, id), PURLIN_OK);
	slot_delete(ports);
}

void test_io_port(void)
{
	purlin_u64 session, ports, id, value = 0;

	if (!check_status("IO_PORT: open", session_open("IO_PORT", "", &session), PURLIN_OK))
		return;
	check_status("IO_PORT: not granted", io_port_claim(session, 0xcf8, 8, &ports, &id),
		     PURLIN_NO_RIGHT);
	check_status("IO_PORT: wraps", io_port_claim(session, PORTS, ~0ull, &ports, &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_PORT: past the last", io_port_claim(session, 0xffff, 2, &ports, &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_PORT: no ports", io_port_claim(session, PORTS, 0, &ports, &id),
		     PURLIN_BAD_ARGUMENT);
	if (!check_status("IO_PORT: claim", io_port_claim(session, PORTS, 8, &ports, &id),
			  PURLIN_OK))
		return;
	check_rights("IO_PORT: rights", ports, ALL_BUT_DESTROY);
	test_second_holder(session);
	check_status("IO_PORT: in", purlin_io_port_in(ports, PORTS, 1, &value), PURLIN_OK);
	check_equal("IO_PORT: nothing is there", value, 0xff);
	check_status("IO_PORT: out of the range", purlin_io_port_in(ports, PORTS + 8, 1, &value),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_PORT: across the end", purlin_io_port_in(ports, PORTS + 6, 4, &value),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_PORT: release", io_port_release(session, id), PURLIN_OK);
	check_status("IO_PORT: in after release", purlin_io_port_in(ports, PORTS, 1, &value),
		     PURLIN_DEAD);
	check_status("IO_PORT: release twice", io_port_release(session, id), PURLIN_BAD_ARGUMENT);
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
	purlin_u64 session, irq, id, delivered = 1, flags = 0, gsi = 0, address, data, other;
	purlin_u64 signal = slot_reserve();

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	if (!check_status("IRQ: open", session_open("IRQ", "", &session), PURLIN_OK))
		return;
	check_status("IRQ: not granted", irq_claim(session, 9, 0, &irq, &id), PURLIN_NO_RIGHT);
	check_status("IRQ: no remapping for this component",
		     irq_remap(session, 0, IRQ_REMAP_NOTHING, &id), PURLIN_NO_RIGHT);
	check_status("IRQ: no MSI for this component",
		     irq_claim_msi(session, 0, &irq, &address, &data, &id), PURLIN_NO_RIGHT);
	check_status("DMA: not for this component", session_open("DMA", "", &other),
		     PURLIN_NO_RIGHT);
	check_status("IRQ: bad flags", irq_claim(session, LINE, ~0ull, &irq, &id),
		     PURLIN_BAD_ARGUMENT);
	if (!check_status("IRQ: claim", irq_claim(session, LINE, 0, &irq, &id), PURLIN_OK))
		return;
	check_rights("IRQ: rights", irq, ALL_BUT_DESTROY);
	check_status("IRQ: claimed already", irq_claim(session, LINE, 0, &other, &id), PURLIN_BUSY);
	check_status("IRQ: other session", session_open("IRQ", "other", &other), PURLIN_OK);
	check_status("IRQ: held by another", irq_claim(other, LINE, 0, &other, &id), PURLIN_BUSY);
	id = 1;
	check_status("IRQ: bind", purlin_irq_bind(irq, signal, 1), PURLIN_OK);
	check_status("IRQ: ack", purlin_irq_ack(irq), PURLIN_OK);
	check_status("IRQ: info", purlin_irq_info(irq, &delivered, &flags, &gsi), PURLIN_OK);
	check_true("IRQ: nothing delivered yet", !delivered && gsi == LINE);
	check_status("IRQ: release", irq_release(session, id), PURLIN_OK);
	check_status("IRQ: gone", purlin_irq_ack(irq), PURLIN_DEAD);
	check_status("IRQ: release twice", irq_release(session, id), PURLIN_BAD_ARGUMENT);
	slot_delete(irq);
	check_status("IRQ: claim again", irq_claim(session, LINE, PURLIN_IRQ_LEVEL, &irq, &id),
		     PURLIN_OK);
	slot_delete(signal);
}
