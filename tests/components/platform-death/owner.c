/* SPDX-License-Identifier: MIT */
/* Has a device write to its memory and the platform component busy, and asks for its end. */
#include <string.h>

#include "../check.h"
#include "edu.h"
#include "keeper.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/rpc.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
#include "session/pci.h"

#define SECONDS 1000
#define COMMAND_MEMORY_MASTER 0x6u

static struct edu edu;

static void must(const char *what, purlin_s64 status)
{
	if (status)
		component_panic("%s: %ld", what, (long)status);
}

static void take_memory(void)
{
	purlin_u64 other;
	void *address;

	must("memory", memory_new(PURLIN_SLOT_ACCOUNT, PINNED_PAGES, 0, &other));
	must("contiguous memory",
	     memory_new_mapped(PINNED_PAGES, PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G,
			       &edu.memory_slot, &address));
	edu.memory = address;
}

/* The device has no reset: what the life before has begun, it finishes, to nowhere. */
static void await_idle(void)
{
	while (edu_read(&edu, EDU_DMA_COMMAND) & EDU_DMA_START)
		;
	edu_write(&edu, EDU_ACKNOWLEDGE, edu_read(&edu, EDU_INTERRUPT_STATUS));
}

static void take_device(void)
{
	purlin_u64 id, class_revision, first, pages, memory, irq;
	void *address;

	edu.signal = slot_reserve();
	edu.timer = slot_reserve();
	must("signal", purlin_signal_create(PURLIN_SLOT_ACCOUNT, edu.signal));
	must("timer", purlin_timer_create(PURLIN_SLOT_ACCOUNT, edu.timer));
	must("PCI", session_open("PCI", "", &edu.session));
	must("device", pci_device(edu.session, 0, &edu.bdf, &id, &class_revision));
	must("BAR", pci_bar_piece(edu.session, edu.bdf, 0, 0, &first, &pages, &memory));
	must("BAR map", memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address));
	edu.registers = address;
	must("attach", pci_dma_map(edu.session, edu.memory_slot, &edu.bus_address));
	await_idle();
	pci_write(edu.session, edu.bdf, 4, 2, COMMAND_MEMORY_MASTER);
	must("INTx", pci_intx(edu.session, edu.bdf, &irq, &first, &pages));
	must("bind", edu_bind(&edu, irq));
}

/* There and back: interrupts and DMA work. */
static void use_device(void)
{
	memset(edu.memory, 0xa5, EDU_TRANSFER_BYTES);
	edu_transfer(&edu, 0, EDU_TRANSFER_BYTES, false);
	if (edu_wait(&edu, 10 * SECONDS) != EDU_CAUSE_DMA)
		component_panic("no interrupt after the way to the device");
	edu_transfer(&edu, EDU_BUFFER_BYTES, EDU_TRANSFER_BYTES, true);
	if (edu_wait(&edu, 10 * SECONDS) != EDU_CAUSE_DMA)
		component_panic("no interrupt after the way back");
	if (memcmp(edu.memory, edu.memory + EDU_BUFFER_BYTES, EDU_TRANSFER_BYTES))
		component_panic("the contents differ");
}

/* A thread with requests under way when the platform component ends. */
static void ask_on(void *argument)
{
	(void)argument;
	while (pci_read(edu.session, edu.bdf, 0, 4) == EDU_ID)
		;
	for (;;)
		(void)purlin_signal_wait(edu.timer, &(purlin_u64){ 0 });
}

int component_main(purlin_u64 argument)
{
	purlin_u64 session, life, thread, bits;

	must("Keeper", session_open("Keeper", "owner", &session));
	must("born", rpc(session, KEEPER_BORN, 0));
	life = message()->word[0];
	take_memory();
	take_device();
	use_device();
	check_status("the device works", 0, 0);
	if (life + 1 == KEEPER_LIVES)
		for (;;)
			(void)purlin_signal_wait(edu.signal, &bits);
	must("thread", thread_spawn(ask_on, NULL, COMPONENT_PROCESSOR(argument),
				    COMPONENT_PRIORITY(argument), &thread));
	edu_transfer(&edu, EDU_BUFFER_BYTES, EDU_TRANSFER_BYTES, true);
	must("kill", rpc(session, KEEPER_KILL, 0));
	/* It does not notice, and goes on with what it has: nobody asks it to end. */
	for (;;)
		(void)purlin_signal_wait(edu.signal, &bits);
}
