/* SPDX-License-Identifier: MIT */
/* Claims by one that may have all hardware: what the kernel keeps, what there is not, no limit. */
#include <stddef.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "session/irq.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/dma.h"

#define MANY 300 /* more than others may have */
#define FREE_PORTS 0x5000
#define LOCAL_APIC 0xfee00000
#define MASTER_PIC 0x20
#define SOME_RAM 0x2000000
#define SOME_MODULE "owner"
#define LAST_PAGE ((1ull << 52) - PURLIN_PAGE_SIZE)
#define MOST_MESSAGES 1024

static void test_ports(void)
{
	static purlin_u64 ids[MANY];
	purlin_u64 session, ports, id;
	unsigned int count = 0;

	check_status("IO_PORT: open", session_open("IO_PORT", "", &session), PURLIN_OK);
	check_status("IO_PORT: the kernel's own",
		     io_port_claim(session, MASTER_PIC, 1, &ports, &id), PURLIN_OVERLAP);
	check_status("IO_PORT: past the last", io_port_claim(session, 0xffff, 2, &ports, &id),
		     PURLIN_BAD_ARGUMENT);
	while (count < MANY &&
	       !io_port_claim(session, FREE_PORTS + count, 1, &ports, &ids[count])) {
		slot_delete(ports);
		count++;
	}
	check_equal("IO_PORT: no limit", count, MANY);
	while (count && !io_port_release(session, ids[count - 1]))
		count--;
	check_equal("IO_PORT: all released", count, 0);
}

static purlin_s64 claim_page(purlin_u64 session, purlin_u64 address, purlin_u64 pages)
{
	purlin_u64 memory, id;

	return io_mem_claim(session, address, pages, PURLIN_MAP_UNCACHED, &memory, &id);
}

static void test_memory(void)
{
	purlin_u64 session;

	check_status("IO_MEM: open", session_open("IO_MEM", "", &session), PURLIN_OK);
	check_status("IO_MEM: RAM", claim_page(session, SOME_RAM, 1), PURLIN_OVERLAP);
	check_status("IO_MEM: the kernel's own", claim_page(session, LOCAL_APIC, 1),
		     PURLIN_OVERLAP);
	check_status("IO_MEM: beyond the processor", claim_page(session, LAST_PAGE, 1),
		     PURLIN_OVERLAP);
	check_status("IO_MEM: past the end", claim_page(session, LAST_PAGE, 2),
		     PURLIN_BAD_ARGUMENT);
	check_status("IO_MEM: past the end of numbers",
		     claim_page(session, 0ull - PURLIN_PAGE_SIZE, 1), PURLIN_BAD_ARGUMENT);
}

/* All vectors of the one processor this component has; then they are free again. */
static void test_messages(purlin_u64 session)
{
	static purlin_u64 ids[MOST_MESSAGES];
	purlin_u64 irq, address, data;
	unsigned int count = 0;
	purlin_s64 status = PURLIN_OK;

	while (!status && count < MOST_MESSAGES) {
		status = irq_claim_msi(session, 0, &irq, &address, &data, &ids[count]);
		if (status)
			break;
		slot_delete(irq);
		count++;
	}
	check_status("IRQ: no vector left", status, PURLIN_NO_DEVICE);
	check_true("IRQ: but some", count > 100);
	while (count && !irq_release(session, ids[count - 1]))
		count--;
	check_equal("IRQ: all released", count, 0);
}

static void test_interrupts(void)
{
	purlin_u64 session, irq, id, address, data;

	check_status("IRQ: open", session_open("IRQ", "", &session), PURLIN_OK);
	check_status("IRQ: no such line", irq_claim(session, 5000, 0, &irq, &id), PURLIN_NO_DEVICE);
	check_status("IRQ: no such line ever", irq_claim(session, ~0ull, 0, &irq, &id),
		     PURLIN_NO_DEVICE);
	check_status("IRQ: not its processor",
		     irq_claim_msi(session, 1, &irq, &address, &data, &id), PURLIN_NO_RIGHT);
	check_status("IRQ: no such processor",
		     irq_claim_msi(session, 64, &irq, &address, &data, &id), PURLIN_BAD_ARGUMENT);
	test_messages(session);
	check_status("IRQ: no I/O APIC", irq_remap(session, 1, 0, &data), PURLIN_NO_DEVICE);
	check_status("IRQ: no entry", irq_remap(session, 0, 65536 - 511, &data),
		     PURLIN_BAD_ARGUMENT);
	check_status("IRQ: destination", irq_remap(session, 0, IRQ_REMAP_NOTHING, &data),
		     PURLIN_OK);
	check_status("IRQ: a message", irq_claim_msi(session, 0, &irq, &address, &data, &id),
		     PURLIN_OK);
	check_true("IRQ: address and data", address >> 20 == 0xfee && data >= 32 && data < 256);
	check_status("IRQ: release", irq_release(session, id), PURLIN_OK);
	check_status("IRQ: destroyed", purlin_irq_ack(irq), PURLIN_DEAD);
}

#define CLOCK_INDEX 0x70
#define CLOCK_LINE 8
#define STATUS_A 10
#define STATUS_B 11
#define STATUS_C 12
#define PERIODIC 0x40

static purlin_u64 clock_read(purlin_u64 ports, purlin_u64 index)
{
	purlin_u64 value = 0;

	(void)purlin_io_port_out(ports, CLOCK_INDEX, 1, index);
	(void)purlin_io_port_in(ports, CLOCK_INDEX + 1, 1, &value);
	return value;
}

static void clock_write(purlin_u64 ports, purlin_u64 index, purlin_u64 value)
{
	(void)purlin_io_port_out(ports, CLOCK_INDEX, 1, index);
	(void)purlin_io_port_out(ports, CLOCK_INDEX + 1, 1, value);
}

/* The clock chip says in its status when it raised its line: no need to wait by time. */
static void clock_tick(purlin_u64 ports)
{
	while (!(clock_read(ports, STATUS_C) & PERIODIC))
		purlin_thread_yield();
}

/* The line of the clock chip, which ticks 1024 times a second. */
static void test_line(void)
{
	purlin_u64 port_session, session, ports, irq, id, flags, gsi, delivered = 1, bits = 0;
	purlin_u64 signal = slot_reserve();

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	check_status("line: ports", session_open("IO_PORT", "", &port_session), PURLIN_OK);
	check_status("line: clock", io_port_claim(port_session, CLOCK_INDEX, 2, &ports, &id),
		     PURLIN_OK);
	check_status("line: session", session_open("IRQ", "", &session), PURLIN_OK);
	clock_write(ports, STATUS_A, 0x26);
	clock_write(ports, STATUS_B, clock_read(ports, STATUS_B) | PERIODIC);
	check_status("line: claim", irq_claim(session, CLOCK_LINE, 0, &irq, &id), PURLIN_OK);
	for (unsigned int i = 0; i < 5; i++)
		clock_tick(ports);
	(void)purlin_irq_info(irq, &delivered, &flags, &gsi);
	check_equal("line: masked at first", delivered, 0);
	check_status("line: bind", purlin_irq_bind(irq, signal, 2), PURLIN_OK);
	(void)clock_read(ports, STATUS_C);
	check_status("line: wait", purlin_signal_wait(signal, &bits), PURLIN_OK);
	check_equal("line: its bit", bits, 2);
	check_status("line: release", irq_release(session, id), PURLIN_OK);
	(void)purlin_signal_poll(signal, &bits);
	for (unsigned int i = 0; i < 5; i++)
		clock_tick(ports);
	check_status("line: masked", purlin_signal_poll(signal, &bits), PURLIN_AGAIN);
	check_status("line: destroyed", purlin_irq_ack(irq), PURLIN_DEAD);
	clock_write(ports, STATUS_B, clock_read(ports, STATUS_B) & ~(purlin_u64)PERIODIC);
}

static purlin_u64 free_pages(void)
{
	purlin_u64 pages = 0;

	(void)purlin_trace_counter(PURLIN_SLOT_LOG, PURLIN_COUNTER_FREE_PAGES, &pages);
	return pages;
}

/* No component drives the UART here. */
static void test_log(void)
{
	purlin_u64 log = PURLIN_SLOT_LOG, old = 0, again = 0, value, bits = 0;
	purlin_u64 signal = slot_reserve();

	purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal);
	check_status("log_uart: no such owner", purlin_log_uart(log, 2, &value),
		     PURLIN_BAD_ARGUMENT);
	check_status("log_watch: no signal", purlin_log_watch(log, log, 1), PURLIN_BAD_CAPABILITY);
	check_status("log_watch", purlin_log_watch(log, signal, 4), PURLIN_OK);
	check_status("log_watch: the log grew", purlin_signal_wait(signal, &bits), PURLIN_OK);
	check_equal("log_watch: its bit", bits, 4);
	check_status("trace_mask", purlin_trace_mask(log, 0, &old), PURLIN_OK);
	check_status("trace_mask: back", purlin_trace_mask(log, old, &again), PURLIN_OK);
	check_equal("trace_mask: old value", again, 0);
}

/* Nobody else does anything meanwhile: what is free tells of copies. */
static void test_module(void)
{
	purlin_u64 first, second, memory, bytes = 0, before = free_pages(), copy, again;

	check_status("ROM: open", session_open("ROM", "first", &first), PURLIN_OK);
	check_status("ROM: open again", session_open("ROM", "second", &second), PURLIN_OK);
	check_status("ROM: first", rom_module(first, SOME_MODULE, &memory, &bytes), PURLIN_OK);
	copy = before - free_pages();
	check_true("ROM: a copy", copy >= bytes / PURLIN_PAGE_SIZE && bytes > 0x8000);
	before = free_pages();
	check_status("ROM: second", rom_module(second, SOME_MODULE, &memory, &bytes), PURLIN_OK);
	again = before - free_pages();
	check_true("ROM: one copy for all", again < 4);
}

static purlin_s64 pin(purlin_u64 session, unsigned int caps, purlin_u64 slot, purlin_u64 *id,
		      purlin_u64 *physical)
{
	purlin_s64 status = rpc_exchange(session, DMA_PIN, 0, caps, &slot, 0, NULL);

	*id = message()->word[0];
	*physical = message()->word[1];
	return status;
}

static purlin_s64 unpin(purlin_u64 session, purlin_u64 id)
{
	message()->word[0] = id;
	return rpc(session, DMA_UNPIN, 1);
}

static void test_pin_refusals(purlin_u64 session, purlin_u64 memory)
{
	purlin_u64 weak, id, physical;

	check_status("DMA: nothing to pin", pin(session, 0, 0, &id, &physical),
		     PURLIN_BAD_CAPABILITY);
	check_status("DMA: no memory", pin(session, 1, PURLIN_SLOT_ACCOUNT, &id, &physical),
		     PURLIN_BAD_CAPABILITY);
	check_status("DMA: weak copy", slot_copy(memory, PURLIN_RIGHT_READ, 0, &weak), PURLIN_OK);
	check_status("DMA: without PHYSICAL", pin(session, 1, weak, &id, &physical),
		     PURLIN_NO_RIGHT);
}

/* Pages that are pinned stay, even when their object is gone. */
static void test_pins(void)
{
	purlin_u64 session, memory, pages, address, id, other, physical, before;

	check_status("DMA: open", session_open("DMA", "", &session), PURLIN_OK);
	check_status("DMA: memory",
		     memory_new(PURLIN_SLOT_ACCOUNT, 32, PURLIN_MEMORY_CONTIGUOUS, &memory),
		     PURLIN_OK);
	test_pin_refusals(session, memory);
	(void)purlin_memory_info(memory, &pages, &address);
	check_status("DMA: pin", pin(session, 1, memory, &id, &physical), PURLIN_OK);
	check_equal("DMA: address", physical, address);
	before = free_pages();
	check_status("DMA: object ends", purlin_object_destroy(memory), PURLIN_OK);
	check_true("DMA: pages stay", free_pages() - before < 32);
	check_status("DMA: dead object", pin(session, 1, memory, &other, &physical), PURLIN_DEAD);
	check_status("DMA: no such id", unpin(session, id + 1), PURLIN_BAD_ARGUMENT);
	check_status("DMA: unpin", unpin(session, id), PURLIN_OK);
	check_true("DMA: pages come back", free_pages() - before >= 32);
	check_status("DMA: unpinned already", unpin(session, id), PURLIN_BAD_ARGUMENT);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	test_module();
	test_log();
	test_ports();
	test_memory();
	test_interrupts();
	test_line();
	test_pins();
	return check_sum();
}
