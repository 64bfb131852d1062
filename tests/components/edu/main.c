/* SPDX-License-Identifier: MIT */
/*
 * Real interrupts and DMA in a native component: INTx, MSI and transfers in both directions with
 * QEMU's edu device, and what the platform must refuse.
 */
#include <stdio.h>
#include <string.h>

#include "edu.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/session.h"
#include "runtime/slots.h"
#include "runtime/status.h"

#define ROUNDS 100
#define SECOND 1000

#define CFG_COMMAND 4
#define CFG_BAR0 0x10
#define COMMAND_MEMORY 0x2u
#define COMMAND_MASTER 0x4u
#define COMMAND_INTX_DISABLE 0x400u
#define CAP_MSI 5

static struct edu edu;
static unsigned int passed, failed;

/* The first thing that went wrong in the running test. */
static char complaint[120];

static bool expect(bool truth, const char *what, uint64_t value)
{
	if (!truth && !complaint[0])
		snprintf(complaint, sizeof(complaint), "%s (0x%llx)", what,
			 (unsigned long long)value);
	return truth;
}

static bool expect_ok(purlin_s64 status, const char *what)
{
	if (status && !complaint[0])
		snprintf(complaint, sizeof(complaint), "%s: %s", what, status_text(status));
	return !status;
}

static void run(const char *name, void (*test)(void))
{
	complaint[0] = 0;
	test();
	if (complaint[0]) {
		printf("FAILED %s: %s\n", name, complaint);
		failed++;
	} else {
		printf("ok %s\n", name);
		passed++;
	}
}

static void only_edu_is_visible(void)
{
	purlin_u64 id = 0, class_revision, other;

	expect_ok(pci_device(edu.session, 0, &edu.bdf, &id, &class_revision), "first device");
	expect(id == EDU_ID, "it is another device", id);
	expect(pci_device(edu.session, 1, &other, &id, &class_revision) == PURLIN_NO_DEVICE,
	       "there is a second device", id);
	id = pci_read(edu.session, edu.bdf, 0, 4);
	expect(id == EDU_ID, "configuration space says otherwise", id);
	for (purlin_u64 bdf = 0; bdf < 256; bdf++)
		expect(bdf == edu.bdf || pci_read(edu.session, bdf, 0, 4) == 0xffffffffu,
		       "another function is visible", bdf);
}

static void identity_is_read_only(void)
{
	pci_write(edu.session, edu.bdf, 0, 4, 0x12345678);
	expect(pci_read(edu.session, edu.bdf, 0, 4) == EDU_ID, "vendor and device changed", 0);
}

static void bars_answer_sizing_only(void)
{
	uint32_t before = pci_read(edu.session, edu.bdf, CFG_BAR0, 4), after;

	pci_write(edu.session, edu.bdf, CFG_BAR0, 4, 0xffffffff);
	after = pci_read(edu.session, edu.bdf, CFG_BAR0, 4);
	expect(after == 0xfff00000u, "size mask", after);
	pci_write(edu.session, edu.bdf, CFG_BAR0, 4, 0xfee00000u);
	after = pci_read(edu.session, edu.bdf, CFG_BAR0, 4);
	expect(after == before, "the BAR moved", after);
	pci_write(edu.session, edu.bdf, 0x30, 4, 0xfffffffe);
	after = pci_read(edu.session, edu.bdf, 0x30, 4);
	expect(after == 0, "there is an expansion ROM", after);
}

static void registers_are_mapped(void)
{
	struct pci_client_bar bar;
	purlin_u64 first, pages, memory;
	void *address;
	uint32_t value;

	if (!expect_ok(pci_bar(edu.session, edu.bdf, 0, &bar), "BAR 0") ||
	    !expect(bar.kind == PCI_BAR_MEMORY && bar.bytes == 0x100000, "its kind and size",
		    bar.bytes) ||
	    !expect_ok(pci_bar_piece(edu.session, edu.bdf, 0, 0, &first, &pages, &memory),
		       "its piece") ||
	    !expect(first == 0 && pages == 256, "the piece's size", pages) ||
	    !expect_ok(memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &address),
		       "mapping it"))
		return;
	edu.registers = address;
	value = edu_read(&edu, EDU_IDENTIFICATION);
	expect((value & 0xffff) == 0x00ed, "identification", value);
	edu_write(&edu, EDU_INVERSION, 0x12345678);
	value = edu_read(&edu, EDU_INVERSION);
	expect(value == ~0x12345678u, "inversion", value);
}

static void memory_is_attached(void)
{
	purlin_u64 stranger, elsewhere;
	void *address;

	if (!expect_ok(memory_new_mapped(2, PURLIN_MEMORY_CONTIGUOUS | PURLIN_MEMORY_BELOW_4G,
					 &edu.memory_slot, &address),
		       "memory"))
		return;
	edu.memory = address;
	expect_ok(pci_dma_map(edu.session, edu.memory_slot, &edu.bus_address), "attach");
	/* Without the right to learn physical addresses, nobody pins. */
	expect_ok(slot_copy(edu.memory_slot, PURLIN_RIGHT_READ | PURLIN_RIGHT_WRITE, 0, &stranger),
		  "copy");
	expect(pci_dma_map(edu.session, stranger, &elsewhere) != PURLIN_OK,
	       "attached without the right", elsewhere);
	expect(pci_dma_unmap(edu.session, edu.bus_address + EDU_BUFFER_BYTES) ==
		       PURLIN_BAD_ARGUMENT,
	       "detached what was not attached", 0);
	pci_write(edu.session, edu.bdf, CFG_COMMAND, 2, COMMAND_MEMORY | COMMAND_MASTER);
}

/* ROUNDS interrupts by the raise register, each counted by device, component and kernel. */
static void raise_and_count(void)
{
	purlin_u64 before, delivered, flags, gsi;

	(void)purlin_irq_info(edu.irq, &before, &flags, &gsi);
	for (uint32_t i = 1; i <= ROUNDS; i++) {
		uint32_t causes;

		edu_write(&edu, EDU_RAISE, i);
		causes = edu_wait(&edu, SECOND);
		if (!expect(causes == i, "causes after an interrupt was raised", causes))
			return;
	}
	expect(edu_wait(&edu, 20) == 0, "one interrupt too many", 0);
	expect(edu.interrupts == ROUNDS, "interrupts counted", edu.interrupts);
	(void)purlin_irq_info(edu.irq, &delivered, &flags, &gsi);
	expect(delivered - before == ROUNDS, "interrupts the kernel delivered", delivered - before);
}

static void compute_factorial(void)
{
	uint32_t causes, value;

	edu_write(&edu, EDU_STATUS, EDU_STATUS_INTERRUPT);
	edu_write(&edu, EDU_FACTORIAL, 10);
	causes = edu_wait(&edu, SECOND);
	expect(causes == EDU_CAUSE_FACTORIAL, "causes", causes);
	value = edu_read(&edu, EDU_FACTORIAL);
	expect(value == 3628800, "10!", value);
	edu_write(&edu, EDU_STATUS, 0);
}

static void fill(unsigned char *buffer, unsigned int seed)
{
	for (unsigned int i = 0; i < EDU_TRANSFER_BYTES; i++)
		buffer[i] = (unsigned char)(i * 7 + seed + i / 256);
}

/* Memory to device, and from there to other memory. */
static void transfer_both_ways(void)
{
	static unsigned int seed;
	unsigned char *other = edu.memory + EDU_BUFFER_BYTES;
	uint32_t causes;

	fill(edu.memory, ++seed);
	memset(other, 0, EDU_BUFFER_BYTES);
	edu_transfer(&edu, 0, EDU_TRANSFER_BYTES, false);
	causes = edu_wait(&edu, SECOND);
	expect(causes == EDU_CAUSE_DMA, "causes after the way to the device", causes);
	edu_transfer(&edu, EDU_BUFFER_BYTES, EDU_TRANSFER_BYTES, true);
	causes = edu_wait(&edu, SECOND);
	expect(causes == EDU_CAUSE_DMA, "causes after the way back", causes);
	for (unsigned int i = 0; i < EDU_TRANSFER_BYTES; i++)
		if (!expect(other[i] == edu.memory[i], "contents differ at", i))
			return;
}

static void intx_is_given(void)
{
	purlin_u64 irq, flags, gsi;

	if (!expect_ok(pci_intx(edu.session, edu.bdf, &irq, &flags, &gsi), "INTx"))
		return;
	printf("INTx: GSI %llu\n", (unsigned long long)gsi);
	expect(flags & PURLIN_IRQ_LEVEL, "it is not level-triggered", flags);
	expect_ok(edu_bind(&edu, irq), "bind");
}

static void intx_obeys_the_command_register(void)
{
	uint32_t command = pci_read(edu.session, edu.bdf, CFG_COMMAND, 2), causes;

	pci_write(edu.session, edu.bdf, CFG_COMMAND, 2, command | COMMAND_INTX_DISABLE);
	edu_write(&edu, EDU_RAISE, 2);
	expect(edu_wait(&edu, 20) == 0, "an interrupt while disabled", 0);
	pci_write(edu.session, edu.bdf, CFG_COMMAND, 2, command);
	causes = edu_wait(&edu, SECOND);
	expect(causes == 2, "causes once enabled", causes);
}

static void enable_msi(bool enable)
{
	purlin_u64 offset = pci_find_capability(edu.session, edu.bdf, CAP_MSI);
	uint32_t control = pci_read(edu.session, edu.bdf, offset + 2, 2);

	pci_write(edu.session, edu.bdf, offset + 2, 2, enable ? control | 1u : control & ~1u);
}

static void msi_is_given(void)
{
	purlin_u64 irq, second;

	if (!expect(pci_find_capability(edu.session, edu.bdf, CAP_MSI) != 0, "no capability", 0) ||
	    !expect_ok(pci_msi_allocate(edu.session, edu.bdf, PCI_MSI, 0, &irq), "MSI"))
		return;
	expect(pci_msi_allocate(edu.session, edu.bdf, PCI_MSI, 0, &second) == PURLIN_BUSY,
	       "allocated twice", 0);
	expect(pci_msi_allocate(edu.session, edu.bdf, PCI_MSI, 1, &second) == PURLIN_NO_DEVICE,
	       "a second message", 0);
	expect(pci_msi_allocate(edu.session, edu.bdf, PCI_MSIX, 0, &second) == PURLIN_NO_DEVICE,
	       "MSI-X without a capability", 0);
	enable_msi(true);
	expect_ok(edu_bind(&edu, irq), "bind");
}

/* Address and data the client writes are its own affair: messages keep coming. */
static void msi_address_is_virtual(void)
{
	purlin_u64 offset = pci_find_capability(edu.session, edu.bdf, CAP_MSI);
	uint32_t causes;

	pci_write(edu.session, edu.bdf, offset + 4, 4, 0x1000);
	expect(pci_read(edu.session, edu.bdf, offset + 4, 4) == 0x1000, "its value is lost", 0);
	edu_write(&edu, EDU_RAISE, 4);
	causes = edu_wait(&edu, SECOND);
	expect(causes == 4, "causes", causes);
}

static void msi_is_given_again(void)
{
	purlin_u64 irq, delivered, flags, gsi;
	uint32_t causes;

	expect_ok(pci_msi_free(edu.session, edu.bdf, PCI_MSI, 0), "free");
	expect(purlin_irq_info(edu.irq, &delivered, &flags, &gsi) == PURLIN_DEAD,
	       "the freed interrupt lives", 0);
	if (!expect_ok(pci_msi_allocate(edu.session, edu.bdf, PCI_MSI, 0, &irq), "MSI"))
		return;
	expect_ok(edu_bind(&edu, irq), "bind");
	edu_write(&edu, EDU_RAISE, 8);
	causes = edu_wait(&edu, SECOND);
	expect(causes == 8, "causes", causes);
}

/* After the last detach the device's transfers reach nothing. */
static void detached_memory_is_out_of_reach(void)
{
	uint32_t command;

	fill(edu.memory, 99);
	expect_ok(pci_dma_unmap(edu.session, edu.bus_address), "detach");
	edu_transfer(&edu, 0, EDU_TRANSFER_BYTES, true);
	/* No message either: it would be a write of the device. Its end shows in the command. */
	(void)edu_wait(&edu, 300);
	command = edu_read(&edu, EDU_DMA_COMMAND);
	expect(!(command & EDU_DMA_START), "the transfer never ended", command);
	for (unsigned int i = 0; i < EDU_TRANSFER_BYTES; i++)
		if (!expect(edu.memory[i] == (unsigned char)(i * 7 + 99 + i / 256),
			    "memory changed at", i))
			return;
}

static void reset_is_refused_without_a_way(void)
{
	expect(pci_reset(edu.session, edu.bdf) == PURLIN_NO_DEVICE, "a reset was claimed", 0);
}

static bool start(void)
{
	edu.signal = slot_reserve();
	edu.timer = slot_reserve();
	return !session_open("PCI", "edu", &edu.session) &&
	       !purlin_signal_create(PURLIN_SLOT_ACCOUNT, edu.signal) &&
	       !purlin_timer_create(PURLIN_SLOT_ACCOUNT, edu.timer);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	if (!start())
		component_panic("no PCI session");
	run("only_edu_is_visible", only_edu_is_visible);
	run("identity_is_read_only", identity_is_read_only);
	run("bars_answer_sizing_only", bars_answer_sizing_only);
	run("registers_are_mapped", registers_are_mapped);
	run("memory_is_attached", memory_is_attached);
	if (failed)
		goto end; /* the rest needs the device */
	run("intx_is_given", intx_is_given);
	run("intx_raise_and_count", raise_and_count);
	run("intx_factorial", compute_factorial);
	run("intx_transfer_both_ways", transfer_both_ways);
	run("intx_obeys_the_command_register", intx_obeys_the_command_register);
	run("msi_is_given", msi_is_given);
	run("msi_raise_and_count", raise_and_count);
	run("msi_factorial", compute_factorial);
	run("msi_transfer_both_ways", transfer_both_ways);
	run("msi_address_is_virtual", msi_address_is_virtual);
	run("msi_is_given_again", msi_is_given_again);
	run("detached_memory_is_out_of_reach", detached_memory_is_out_of_reach);
	run("reset_is_refused_without_a_way", reset_is_refused_without_a_way);
end:
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
