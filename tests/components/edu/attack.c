/* SPDX-License-Identifier: MIT */
/*
 * A driver that attacks by its device: it writes over the microkernel, over memory that it never
 * attached, over memory that it has detached, and over the same pages when they are in use again;
 * then its neighbour's device (attack_neighbour.c). What comes of it is printed; the scenario knows
 * what must come: damage without an IOMMU, a reported fault for each attempt with one. ATTACK_TOLD
 * 0: QEMU's IOMMU reports nothing.
 */
#include "attack.h"

#include <stdio.h>
#include <string.h>

#include "../check.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/session.h"
#include "runtime/slots.h"

#define COMMAND 4
#define COMMAND_MEMORY_MASTER 0x6u
#define FLAGS (PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G)
#define BYTES 64
#define SECOND 1000
#define KERNEL 0x100000ull /* its first page: used at boot only, so that the damage is survived */
#define ATTACHED 0x4000000ull
#define WRITE_STOPPED 5
#define BIT_FAULT 4
#define TRIES 256

struct page {
	purlin_u64 slot;
	unsigned char *bytes;
	uint64_t address; /* for the device */
};

static struct edu edu;
static struct page pattern, detached, stranger;
static purlin_u64 fault_signal;

static bool new_page(struct page *page)
{
	void *address;

	if (memory_new_mapped(1, FLAGS, &page->slot, &address))
		return false;
	page->bytes = address;
	memset(page->bytes, 0x11, PURLIN_PAGE_SIZE);
	return true;
}

static bool open_device(void)
{
	purlin_u64 id, class_revision, first, pages, memory, irq, flags, gsi;
	void *registers;

	edu.signal = slot_reserve();
	edu.timer = slot_reserve();
	if (session_open("PCI", "edu", &edu.session) ||
	    purlin_signal_create(PURLIN_SLOT_ACCOUNT, edu.signal) ||
	    purlin_timer_create(PURLIN_SLOT_ACCOUNT, edu.timer) ||
	    pci_device(edu.session, 0, &edu.bdf, &id, &class_revision) || id != EDU_ID ||
	    pci_bar_piece(edu.session, edu.bdf, 0, 0, &first, &pages, &memory) ||
	    memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &registers) ||
	    pci_intx(edu.session, edu.bdf, &irq, &flags, &gsi) || edu_bind(&edu, irq))
		return false;
	edu.registers = registers;
	return true;
}

static bool prepare_memory(void)
{
	purlin_u64 pages;

	if (!new_page(&pattern) || !new_page(&detached) || !new_page(&stranger) ||
	    pci_dma_map_at(edu.session, pattern.slot, ATTACHED, &pattern.address) ||
	    pci_dma_map_at(edu.session, detached.slot, ATTACHED + PURLIN_PAGE_SIZE,
			   &detached.address) ||
	    purlin_memory_info(stranger.slot, &pages, &stranger.address))
		return false;
	pci_write(edu.session, edu.bdf, COMMAND, 2, COMMAND_MEMORY_MASTER);
	return true;
}

static bool watch(void)
{
	struct pci_client_fault fault;
	purlin_u64 badged;

	fault_signal = slot_reserve();
	return !purlin_signal_create(PURLIN_SLOT_ACCOUNT, fault_signal) &&
	       !slot_copy(fault_signal, PURLIN_RIGHT_WRITE, BIT_FAULT, &badged) &&
	       !pci_faults(edu.session, badged, &fault) && fault.count == 0;
}

static void transfer(uint64_t address, bool to_memory)
{
	edu.bus_address = address;
	edu_transfer(&edu, 0, BYTES, to_memory);
	check_equal("the end of a transfer", edu_wait(&edu, SECOND), EDU_CAUSE_DMA);
}

/* What the device finds at the address, by way of a page that it may write to. */
static bool holds_pattern(uint64_t address)
{
	memset(pattern.bytes + BYTES, 0, BYTES);
	transfer(address, false);
	transfer(pattern.address + BYTES, true);
	return !memcmp(pattern.bytes, pattern.bytes + BYTES, BYTES);
}

/* A thread of the platform's tells, after the transfer; it may still tell of earlier ones. */
static void await_fault(const struct pci_client_fault *before, uint64_t address, purlin_u64 reason)
{
	struct pci_client_fault after;
	purlin_u64 bits = 0;

	do {
		check_status("a fault is told", purlin_signal_wait(fault_signal, &bits), PURLIN_OK);
		check_equal("by its bit", bits, BIT_FAULT);
		(void)pci_faults(edu.session, 0, &after);
	} while (after.count == before->count || after.address != address);
	check_true("and reason", (after.reason & PCI_FAULT_REASON) >= reason);
}

static void attack(const char *victim, uint64_t address, const unsigned char *bytes)
{
	struct pci_client_fault before;
	bool damaged;

	memset(pattern.bytes, 0xa5, BYTES);
	(void)pci_faults(edu.session, 0, &before);
	transfer(pattern.address, false);
	transfer(address, true);
	damaged = bytes ? bytes[0] != 0x11 : holds_pattern(address);
	if (damaged) {
		printf("DAMAGED: %s\n", victim);
		return;
	}
	if (ATTACK_TOLD)
		await_fault(&before, address, WRITE_STOPPED);
	printf("out of reach: %s\n", victim);
}

/* Frees the page, and uses new ones until it has the same again, as somebody else would. */
static bool free_and_use_again(void)
{
	struct page page = detached;
	purlin_u64 pages, freed, physical = 0;

	if (purlin_memory_info(detached.slot, &pages, &freed))
		return false;
	memory_unmap(detached.bytes);
	slot_delete(detached.slot);
	for (unsigned int i = 0; i < TRIES && physical != freed; i++)
		if (!new_page(&page) || purlin_memory_info(page.slot, &pages, &physical))
			return false;
	detached.bytes = page.bytes;
	return physical == freed;
}

/* Each address was in use before, so an IOMMU may remember it. */
static void attack_detached(void)
{
	transfer(pattern.address, false);
	transfer(detached.address, true);
	check_true("before", detached.bytes[0] != 0x11);
	memset(detached.bytes, 0x11, PURLIN_PAGE_SIZE);
	check_status("detach", pci_dma_unmap(edu.session, detached.address), PURLIN_OK);
	attack("memory that was detached", detached.address, detached.bytes);
	if (check_true("the page is in use again", free_and_use_again()))
		attack("a page that was freed", detached.address, detached.bytes);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	if (!check_true("device", open_device()) || !check_true("memory", prepare_memory()) ||
	    !check_true("watch", watch()))
		return check_sum();
	attack("the microkernel", KERNEL, NULL);
	attack("memory that was never attached", stranger.address, stranger.bytes);
	attack_detached();
	check_true("attached memory is in reach", holds_pattern(pattern.address));
	attack_neighbour(&edu, (volatile uint32_t *)pattern.bytes, pattern.address);
	return check_sum();
}
