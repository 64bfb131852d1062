/* SPDX-License-Identifier: MIT */
/* Interrupts, ports, the log, and numbers that are no calls. What only core's roots can do is tried
 * through its sessions. */
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "tests.h"

#define LINE 6
#define PORT_80 0x80 /* POST codes: may be read and written */

static void interrupts(void)
{
	purlin_u64 session, irq, msi, soft, id, signal = new_signal(), address = 0, data = 0;
	purlin_u64 delivered = 9, flags = 0, gsi = 0;

	if (!check_status("IRQ session", session_open("IRQ", "", &session), PURLIN_OK))
		return;
	check_status("irq_create_gsi: no such line", irq_claim(session, 4000, 0, &irq, &id),
		     PURLIN_NO_DEVICE);
	check_status("irq_create_gsi: unknown flags", irq_claim(session, LINE, 0x80, &irq, &id),
		     PURLIN_BAD_ARGUMENT);
	check_status("irq_create_gsi", irq_claim(session, LINE, PURLIN_IRQ_LEVEL, &irq, &id),
		     PURLIN_OK);
	check_status("irq_create_gsi: twice", irq_claim(session, LINE, 0, &msi, &id), PURLIN_BUSY);
	check_status("irq_create_gsi: no root", purlin_irq_create_gsi(irq, slot_reserve(), 7, 0),
		     PURLIN_BAD_CAPABILITY);
	check_status("irq_create_msi: no such processor",
		     irq_claim_msi(session, 1000, &msi, &address, &data, &id), PURLIN_BAD_ARGUMENT);
	check_status("irq_create_msi", irq_claim_msi(session, 0, &msi, &address, &data, &id),
		     PURLIN_OK);
	check_equal("irq_create_msi: address", address >> 20, 0xfee);
	check_status("irq_bind: no signal", purlin_irq_bind(irq, irq, 1), PURLIN_BAD_CAPABILITY);
	check_status("irq_bind: signal without WRITE",
		     purlin_irq_bind(irq, weaker(signal, PURLIN_RIGHT_READ), 1), PURLIN_NO_RIGHT);
	check_status("irq_bind", purlin_irq_bind(msi, signal, 1), PURLIN_OK);
	check_status("irq_mask", purlin_irq_mask(msi, 1), PURLIN_OK);
	check_status("irq_mask: off", purlin_irq_mask(msi, 0), PURLIN_OK);
	check_status("irq_ack", purlin_irq_ack(irq), PURLIN_OK);
	check_status("irq_ack: no right", purlin_irq_ack(weaker(irq, PURLIN_RIGHT_READ)),
		     PURLIN_NO_RIGHT);
	check_status("irq_info", purlin_irq_info(msi, &delivered, &flags, &gsi), PURLIN_OK);
	check_true("irq_info: contents", !delivered && gsi == ~0ull);
	soft = slot_reserve();
	check_status("irq_create_soft: no account", purlin_irq_create_soft(irq, soft),
		     PURLIN_BAD_CAPABILITY);
	check_status("irq_create_soft: no slot", purlin_irq_create_soft(PURLIN_SLOT_ACCOUNT, ~0ull),
		     PURLIN_BAD_ARGUMENT);
	check_status("irq_create_soft", purlin_irq_create_soft(PURLIN_SLOT_ACCOUNT, soft),
		     PURLIN_OK);
	check_status("irq_create_soft: slot in use",
		     purlin_irq_create_soft(PURLIN_SLOT_ACCOUNT, soft), PURLIN_SLOT_IN_USE);
	check_status("irq_raise", purlin_irq_raise(soft), PURLIN_OK);
	check_status("irq_raise: a line", purlin_irq_raise(irq), PURLIN_BAD_ARGUMENT);
	check_status("irq_raise: no right", purlin_irq_raise(weaker(soft, PURLIN_RIGHT_CONTROL)),
		     PURLIN_NO_RIGHT);
	check_status("irq_watch: no signal", purlin_irq_watch(soft, irq, 1), PURLIN_BAD_CAPABILITY);
	check_status("irq_watch: signal without WRITE",
		     purlin_irq_watch(soft, weaker(signal, PURLIN_RIGHT_READ), 1), PURLIN_NO_RIGHT);
	check_status("irq_watch", purlin_irq_watch(soft, signal, 1), PURLIN_OK);
	check_status("object_destroy: interrupt without DESTROY", purlin_object_destroy(irq),
		     PURLIN_NO_RIGHT);
}

static void ports(void)
{
	purlin_u64 session, range, id, sub = slot_reserve(), value = 0;

	if (!check_status("IO_PORT session", session_open("IO_PORT", "", &session), PURLIN_OK))
		return;
	check_status("io_port_create: the kernel's interrupt controller",
		     io_port_claim(session, 0x20, 2, &range, &id), PURLIN_OVERLAP);
	check_status("io_port_create: beyond the last port",
		     io_port_claim(session, 0xffff, 2, &range, &id), PURLIN_BAD_ARGUMENT);
	if (!check_status("io_port_create", io_port_claim(session, PORT_80, 4, &range, &id),
			  PURLIN_OK))
		return;
	check_status("io_port_create: sub-range", purlin_io_port_create(range, sub, PORT_80, 1),
		     PURLIN_OK);
	check_status("io_port_create: slot in use", purlin_io_port_create(range, sub, PORT_80, 1),
		     PURLIN_SLOT_IN_USE);
	check_status("io_port_create: beyond the range",
		     purlin_io_port_create(range, slot_reserve(), PORT_80 + 3, 2),
		     PURLIN_BAD_ARGUMENT);
	check_status("io_port_create: none",
		     purlin_io_port_create(range, slot_reserve(), PORT_80, 0), PURLIN_BAD_ARGUMENT);
	check_status("io_port_out", purlin_io_port_out(sub, PORT_80, 1, 0x42), PURLIN_OK);
	check_status("io_port_out: out of the range", purlin_io_port_out(sub, PORT_80 + 1, 1, 0),
		     PURLIN_BAD_ARGUMENT);
	check_status("io_port_out: no such size", purlin_io_port_out(range, PORT_80, 3, 0),
		     PURLIN_BAD_ARGUMENT);
	check_status("io_port_out: no right",
		     purlin_io_port_out(weaker(range, PURLIN_RIGHT_READ), PORT_80, 1, 0),
		     PURLIN_NO_RIGHT);
	check_status("io_port_in", purlin_io_port_in(range, PORT_80, 1, &value), PURLIN_OK);
	check_status("io_port_in: across the end", purlin_io_port_in(sub, PORT_80, 2, &value),
		     PURLIN_BAD_ARGUMENT);
	check_status("io_port_in: no right",
		     purlin_io_port_in(weaker(range, PURLIN_RIGHT_WRITE), PORT_80, 1, &value),
		     PURLIN_NO_RIGHT);
	check_status("system_reset: not all ports", purlin_system_reset(range),
		     PURLIN_BAD_ARGUMENT);
}

static void memory(void)
{
	purlin_u64 session, object, id;

	if (!check_status("IO_MEM session", session_open("IO_MEM", "", &session), PURLIN_OK))
		return;
	check_status("memory_create_physical: RAM",
		     io_mem_claim(session, 0x1000000, 1, PURLIN_MAP_WRITE_BACK, &object, &id),
		     PURLIN_OVERLAP);
	check_status("memory_create_physical: local APIC",
		     io_mem_claim(session, 0xfee00000, 1, PURLIN_MAP_UNCACHED, &object, &id),
		     PURLIN_OVERLAP);
	check_status("memory_create_physical: beyond the processor's addresses",
		     io_mem_claim(session, (1ull << 52) - PURLIN_PAGE_SIZE, 1, PURLIN_MAP_UNCACHED,
				  &object, &id),
		     PURLIN_OVERLAP);
	check_status("memory_create_physical: I/O APIC",
		     io_mem_claim(session, 0xfec00000, 1, PURLIN_MAP_UNCACHED, &object, &id),
		     PURLIN_OVERLAP);
	check_status("memory_create_physical",
		     io_mem_claim(session, 0xe0000, 1, PURLIN_MAP_UNCACHED, &object, &id),
		     PURLIN_OK);
}

void test_hardware(void)
{
	purlin_s64 status = PURLIN_CALLS;

	interrupts();
	ports();
	memory();
	__asm__ volatile("syscall" : "+a"(status) : : "rcx", "r11", "rdx", "r8", "memory");
	check_status("a number that is no call", status, PURLIN_BAD_CALL);
	status = -1;
	__asm__ volatile("syscall" : "+a"(status) : : "rcx", "r11", "rdx", "r8", "memory");
	check_status("a negative number", status, PURLIN_BAD_CALL);
}

/* The UART driver owns the watch of the log: who may read that log cannot take it away. */
void test_log(void)
{
	purlin_u64 log = PURLIN_SLOT_LOG, value = 0, bytes = 0, next = 0, signal = slot_reserve();
	purlin_u64 weak = weaker(log, PURLIN_RIGHT_WRITE);

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	check_status("log_write: too much", purlin_log_write(log, 481), PURLIN_BAD_ARGUMENT);
	check_status("log_write: no right", purlin_log_write(weaker(log, PURLIN_RIGHT_READ), 1),
		     PURLIN_NO_RIGHT);
	check_status("log_uart: no right", purlin_log_uart(log, 1, &value), PURLIN_NO_RIGHT);
	check_status("log_read: no right", purlin_log_read(weak, 0, &bytes, &next),
		     PURLIN_NO_RIGHT);
	check_status("log_read", purlin_log_read(log, 0, &bytes, &next), PURLIN_OK);
	check_true("log_read: text", bytes && next >= bytes);
	check_status("log_read: nothing new", purlin_log_read(log, ~0ull, &bytes, &next),
		     PURLIN_AGAIN);
	check_status("log_watch: no right", purlin_log_watch(log, signal, 1), PURLIN_NO_RIGHT);
	check_status("trace_mask: no right", purlin_trace_mask(log, 0, &value), PURLIN_NO_RIGHT);
	check_status("trace_counter", purlin_trace_counter(log, PURLIN_COUNTER_CALLS, &value),
		     PURLIN_OK);
	check_true("trace_counter: calls were counted", value > 100);
	check_status("trace_counter: no such counter",
		     purlin_trace_counter(log, PURLIN_COUNTERS, &value), PURLIN_BAD_ARGUMENT);
	check_status("trace_counter: no right", purlin_trace_counter(weak, 0, &value),
		     PURLIN_NO_RIGHT);
}
