/* SPDX-License-Identifier: MIT */
/* Every request of every session, in one order. */
#include "visit.h"

#include <stdbool.h>
#include <stdio.h>

#include "../check.h"
#include "../echo.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/resources.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "session/rom.h"
#include "session/terminal.h"

#define READ_WRITE (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define COMMAND 4
#define COMMAND_MEMORY_MASTER 0x6u
/* Of the display. The platform component wants the firmware's, behind it, when it starts. */
#define OPTION_ROM 0xc0000
#define NO_SUCH_OPERATION 99

purlin_u64 visit_signal;

/* True: go on. The first answer that is none of those allowed is told; what follows is left out. */
static bool answered(const char *what, purlin_s64 status, purlin_s64 wanted, purlin_s64 *result)
{
	if (status == wanted)
		return true;
	*result = PURLIN_DEAD;
	if (status != PURLIN_DEAD)
		check_status(what, status, wanted);
	return false;
}
#define EXPECT(call, wanted)                                           \
	do {                                                           \
		purlin_s64 outcome;                                    \
		if (!answered(#call, call, PURLIN_##wanted, &outcome)) \
			return outcome;                                \
	} while (0)

static purlin_s64 visit_memory(void)
{
	purlin_u64 session, memory, id, bytes;
	const void *info;
	void *address;

	EXPECT(session_open("RAM", "", &session), OK);
	EXPECT(ram_allocate(session, 40, 0, &memory, &id), OK);
	EXPECT(memory_map(memory, 0, 40, READ_WRITE, &address), OK);
	EXPECT(ram_info(session, &bytes, &id), OK);
	EXPECT(ram_allocate(session, 1 << 20, 0, &memory, &id), NO_MEMORY);
	EXPECT(rom_map(ROM_BOOT_INFO, &info, &bytes), OK);
	EXPECT(session_open("IO_MEM", "", &session), OK);
	EXPECT(io_mem_claim(session, OPTION_ROM, 16, PURLIN_MAP_UNCACHED, &memory, &id), OK);
	EXPECT(memory_map(memory, 0, 16, PURLIN_MAP_READ, &address), OK);
	EXPECT(io_mem_claim(session, OPTION_ROM, 99, PURLIN_MAP_UNCACHED, &memory, &id), NO_RIGHT);
	return PURLIN_OK;
}

purlin_s64 visit_core(void)
{
	purlin_u64 session, object, id;

	EXPECT(visit_memory(), OK);
	EXPECT(session_open("IO_PORT", "", &session), OK);
	EXPECT(io_port_claim(session, 0x2e8, 8, &object, &id), OK);
	EXPECT(session_open("IRQ", "", &session), OK);
	EXPECT(irq_claim(session, 5, 0, &object, &id), OK);
	EXPECT(purlin_irq_bind(object, visit_signal, 1), OK);
	EXPECT(irq_release(session, id), OK);
	EXPECT(irq_claim(session, 5, 0, &object, &id), OK);
	EXPECT(session_open("Timer", "", &session), OK);
	EXPECT(timer_start(session, visit_signal, 2), OK);
	EXPECT(timer_alarm(session, tsc_now() + 1000000000), OK);
	return PURLIN_OK;
}

static purlin_s64 write_text(struct terminal_shared *shared, purlin_u64 notify)
{
	static const char text[] = "a visitor was here\r\n";
	purlin_u32 head = shared->output.head;

	for (unsigned int i = 0; text[i]; i++)
		shared->output_data[head++ % TERMINAL_OUTPUT_BYTES] = (purlin_u8)text[i];
	__atomic_store_n(&shared->output.head, head, __ATOMIC_RELEASE);
	return purlin_signal_notify(notify, ~0ull);
}

purlin_s64 visit_terminal(void)
{
	purlin_u64 session, other, copy, received[2];
	void *shared;

	EXPECT(session_open("Terminal", "aux", &session), OK);
	EXPECT(session_open("Terminal", "aux", &other), BUSY);
	EXPECT(rpc(session, TERMINAL_START, 0), BAD_CAPABILITY);
	EXPECT(slot_copy(visit_signal, PURLIN_RIGHT_WRITE, 4, &copy), OK);
	EXPECT(rpc_exchange(session, TERMINAL_START, 0, 1, &copy, 2, received), OK);
	EXPECT(memory_map(received[0], 0, TERMINAL_PAGES, READ_WRITE, &shared), OK);
	EXPECT(write_text(shared, received[1]), OK);
	EXPECT(rpc_send(session, TERMINAL_START, 0, copy), BUSY);
	EXPECT(rpc(session, NO_SUCH_OPERATION, 0), BAD_CALL);
	return PURLIN_OK;
}

static purlin_s64 visit_interrupts(purlin_u64 session, purlin_u64 bdf)
{
	purlin_u64 irq, flags, gsi;

	EXPECT(pci_msi_allocate(session, bdf, PCI_MSI, 0, &irq), OK);
	EXPECT(purlin_irq_bind(irq, visit_signal, 8), OK);
	EXPECT(pci_msi_allocate(session, bdf, PCI_MSI, 0, &irq), BUSY);
	EXPECT(pci_msi_allocate(session, bdf, PCI_MSIX, 0, &irq), NO_DEVICE);
	EXPECT(pci_msi_free(session, bdf, PCI_MSI, 0), OK);
	EXPECT(pci_msi_allocate(session, bdf, PCI_MSI, 0, &irq), OK);
	EXPECT(pci_intx(session, bdf, &irq, &flags, &gsi), OK);
	return PURLIN_OK;
}

static purlin_s64 visit_dma(purlin_u64 session, purlin_u64 bdf)
{
	purlin_u64 memory, other, address;
	void *data;

	EXPECT(memory_new_mapped(16, PURLIN_MEMORY_CONTIGUOUS, &memory, &data), OK);
	EXPECT(memory_new_mapped(2, PURLIN_MEMORY_CONTIGUOUS, &other, &data), OK);
	EXPECT(pci_dma_map(session, memory, &address), OK);
	EXPECT(pci_dma_map(session, other, &address), OK);
	pci_write(session, bdf, COMMAND, 2, COMMAND_MEMORY_MASTER);
	EXPECT(pci_dma_unmap(session, address), OK);
	EXPECT(pci_dma_unmap(session, address), BAD_ARGUMENT);
	return PURLIN_OK;
}

purlin_s64 visit_pci(void)
{
	purlin_u64 session, other, bdf = 0, id, class_revision, first, pages, memory;
	struct pci_client_bar bar;
	void *address;

	EXPECT(session_open("PCI", "", &session), OK);
	EXPECT(session_open("PCI", "", &other), BUSY);
	EXPECT(pci_device(session, 0, &bdf, &id, &class_revision), OK);
	EXPECT(pci_device(session, 1, &other, &id, &class_revision), NO_DEVICE);
	EXPECT(pci_bar(session, bdf, 0, &bar), OK);
	EXPECT(pci_bar_piece(session, bdf, 0, 0, &first, &pages, &memory), OK);
	EXPECT(memory_map(memory, 0, pages, READ_WRITE, &address), OK);
	EXPECT(visit_interrupts(session, bdf), OK);
	EXPECT(visit_dma(session, bdf), OK);
	EXPECT(pci_reset(session, bdf), NO_DEVICE);
	message()->word[0] = bdf;
	EXPECT(rpc(session, NO_SUCH_OPERATION, 1), BAD_CALL);
	return PURLIN_OK;
}

purlin_s64 visit_echo(void)
{
	purlin_u64 session;

	EXPECT(session_open("Echo", "", &session), OK);
	EXPECT(rpc(session, ECHO_NEXT, 1), OK);
	EXPECT(rpc(session, NO_SUCH_OPERATION, 0), BAD_CALL);
	return PURLIN_OK;
}
