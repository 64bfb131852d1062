/* SPDX-License-Identifier: MIT */
/* Takes one of everything there is, then dies, each time in another way. */
#include <stddef.h>

#include "../check.h"
#include "die.h"
#include "keeper.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/rom.h"
#include "session/terminal.h"

#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define COMMAND_MEMORY_MASTER 0x6u

static purlin_u64 signal;

static void must(const char *what, purlin_s64 status)
{
	if (status)
		check_status(what, status, PURLIN_OK);
}

static void take_memory(void)
{
	purlin_u64 session, memory, id, bytes;
	const void *info;
	void *address;

	must("RAM", session_open("RAM", "", &session));
	must("RAM allocate", ram_allocate(session, 40, 0, &memory, &id));
	must("RAM map", memory_map(memory, 0, 40, READ_WRITE, &address));
	must("ROM", rom_map(ROM_BOOT_INFO, &info, &bytes));
	must("IO_MEM", session_open("IO_MEM", "", &session));
	must("IO_MEM claim", io_mem_claim(session, 0xc0000, 16, PURLIN_MAP_UNCACHED, &memory, &id));
	must("IO_MEM map", memory_map(memory, 0, 16, PURLIN_MAP_READ, &address));
}

static void take_interrupts(void)
{
	purlin_u64 session, object, id;

	must("IO_PORT", session_open("IO_PORT", "", &session));
	must("IO_PORT claim", io_port_claim(session, 0x2e8, 8, &object, &id));
	must("IRQ", session_open("IRQ", "", &session));
	must("IRQ claim", irq_claim(session, 5, 0, &object, &id));
	must("IRQ bind", purlin_irq_bind(object, signal, 1));
	must("Timer", session_open("Timer", "", &session));
	must("Timer start", timer_start(session, signal, 2));
	must("Timer set", timer_alarm(session, tsc_now() + 100000000));
}

static void take_terminal(void)
{
	purlin_u64 session, copy, received[2];
	void *shared;

	must("Terminal", session_open("Terminal", "aux", &session));
	must("signal", slot_copy(signal, PURLIN_RIGHT_WRITE, 4, &copy));
	must("Terminal start", rpc_exchange(session, TERMINAL_START, 0, 1, &copy, 2, received));
	must("Terminal map", memory_map(received[0], 0, TERMINAL_PAGES, READ_WRITE, &shared));
}

static void take_device(void)
{
	purlin_u64 session, bdf = 0, id, class_revision, first, pages, memory, irq, bus_address;
	void *address;

	must("PCI", session_open("PCI", "", &session));
	must("device", pci_device(session, 0, &bdf, &id, &class_revision));
	must("BAR", pci_bar_piece(session, bdf, 0, 0, &first, &pages, &memory));
	must("BAR map", memory_map(memory, 0, pages, READ_WRITE, &address));
	must("MSI", pci_msi_allocate(session, bdf, PCI_MSI, 0, &irq));
	must("MSI bind", purlin_irq_bind(irq, signal, 8));
	must("INTx", pci_intx(session, bdf, &irq, &first, &pages));
	must("memory", memory_new_mapped(16, PURLIN_MEMORY_CONTIGUOUS, &memory, &address));
	must("attach", pci_dma_map(session, memory, &bus_address));
	pci_write(session, bdf, 4, 2, COMMAND_MEMORY_MASTER);
}

static void wait_for_nothing(void *argument)
{
	purlin_u64 bits;

	(void)argument;
	for (;;)
		(void)purlin_signal_wait(signal, &bits);
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session, life, thread;

	(void)argument;
	must("Keeper", session_open("Keeper", "", &session));
	must("born", rpc(session, KEEPER_BORN, 0));
	life = message()->word[0];
	signal = slot_reserve();
	must("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, signal));
	take_memory();
	take_interrupts();
	take_terminal();
	take_device();
	must("thread", thread_spawn(wait_for_nothing, NULL, 0, 20, &thread));
	return die(life);
}
