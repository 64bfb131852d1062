/* SPDX-License-Identifier: MIT */
/*
 * Resets of functions that have a way: QEMU's NVMe controller by a function-level reset, its
 * e1000e by power states; how many messages there are, and hostile writes to their configuration
 * space. The system description starts this twice: what the first leaves in the
 * controller must be gone for the second.
 */
#include <stdint.h>

#include "../check.h"
#include "parts.h"
#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/memory.h"
#include "runtime/pci.h"
#include "runtime/session.h"

#define COMMAND 4
#define COMMAND_MEMORY 0x2u
#define COMMAND_MASTER 0x4u
#define CAP_PM 1
#define PM_CONTROL 4 /* within the capability; PCI Power Management 1.2, 3.2.4 */
#define PM_STATE 3u
#define PM_D3HOT 3u
#define CAP_PCIE 16
#define PCIE_CONTROL 8
#define PCIE_CONTROL_FLR 0x8000u
#define CLASS_NVME 0x010802
#define CLASS_NET 0x020000

/* NVM Express 1.4, 3.1: capabilities, and the configuration, 0 after a reset. */
#define NVME_CAP 0x00
#define NVME_CONFIG 0x14
#define NVME_ENTRY_SIZES 0x00460000u

#define NET_STATUS 0x08

#define ROM 0x30
#define ROM_ENABLE 0x1u
#define ROM_SIGNATURE 0xaa55
#define PCI_BAR_ROM 6

static purlin_u64 session;

static uint32_t read_register(const struct function *function, unsigned int offset)
{
	return *(volatile uint32_t *)(function->registers + offset);
}

static void write_register(const struct function *function, unsigned int offset, uint32_t value)
{
	*(volatile uint32_t *)(function->registers + offset) = value;
}

static bool find(struct function *function, uint32_t class_code)
{
	purlin_u64 id, class_revision, first, pages, memory;
	void *registers;

	for (unsigned int i = 0; !pci_device(session, i, &function->bdf, &id, &class_revision);
	     i++) {
		if (class_revision >> 8 != class_code)
			continue;
		if (pci_bar_piece(session, function->bdf, 0, 0, &first, &pages, &memory) ||
		    memory_map(memory, 0, pages, PURLIN_MAP_READ | PURLIN_MAP_WRITE, &registers))
			return false;
		function->registers = registers;
		function->bar = pci_read(session, function->bdf, 0x10, 4);
		pci_write(session, function->bdf, COMMAND, 2, COMMAND_MEMORY | COMMAND_MASTER);
		return true;
	}
	return false;
}

static void use_memory(void)
{
	purlin_u64 memory, bus_address;
	void *address;

	check_status("memory", memory_new_mapped(1, PURLIN_MEMORY_CONTIGUOUS, &memory, &address),
		     PURLIN_OK);
	check_status("attach", pci_dma_map(session, memory, &bus_address), PURLIN_OK);
}

static void check_alive(const char *name, const struct function *function)
{
	check_equal(name, pci_read(session, function->bdf, 0x10, 4), function->bar);
	check_equal("bus mastering is off",
		    pci_read(session, function->bdf, COMMAND, 2) & COMMAND_MASTER, 0);
}

static void test_function_level_reset(void)
{
	struct function nvme;
	purlin_u64 pcie;
	uint32_t before;

	if (!check_true("NVMe controller", find(&nvme, CLASS_NVME)))
		return;
	before = read_register(&nvme, NVME_CAP);
	check_equal("nothing is left of firmware's or another's", read_register(&nvme, NVME_CONFIG),
		    0);
	write_register(&nvme, NVME_CONFIG, NVME_ENTRY_SIZES);
	check_equal("configured", read_register(&nvme, NVME_CONFIG), NVME_ENTRY_SIZES);
	check_status("function-level reset", pci_reset(session, nvme.bdf), PURLIN_OK);
	check_alive("BAR after the reset", &nvme);
	check_equal("capabilities after the reset", read_register(&nvme, NVME_CAP), before);
	check_equal("configuration after the reset", read_register(&nvme, NVME_CONFIG), 0);

	pcie = pci_find_capability(session, nvme.bdf, CAP_PCIE);
	write_register(&nvme, NVME_CONFIG, NVME_ENTRY_SIZES);
	pci_write(session, nvme.bdf, pcie + PCIE_CONTROL, 2, PCIE_CONTROL_FLR);
	check_equal("reset by the bit in configuration space", read_register(&nvme, NVME_CONFIG),
		    0);
	write_register(&nvme, NVME_CONFIG, NVME_ENTRY_SIZES);
}

/* It wakes up as after a reset: its BARs are there, and nothing is enabled. */
static void test_sleep(const struct function *net)
{
	purlin_u64 control = pci_find_capability(session, net->bdf, CAP_PM) + PM_CONTROL;

	check_true("power states", control != PM_CONTROL);
	pci_write(session, net->bdf, control, 2, PM_D3HOT);
	check_equal("asleep", pci_read(session, net->bdf, control, 2) & PM_STATE, PM_D3HOT);
	pci_write(session, net->bdf, control, 2, 0);
	check_equal("awake", pci_read(session, net->bdf, control, 2) & PM_STATE, 0);
	check_equal("BAR after sleep", pci_read(session, net->bdf, 0x10, 4), net->bar);
	check_equal("command after sleep", pci_read(session, net->bdf, COMMAND, 2), 0);
}

static void test_power_state_reset(void)
{
	struct function net;
	uint32_t before;

	if (!check_true("network controller", find(&net, CLASS_NET)))
		return;
	test_sleep(&net);
	before = read_register(&net, NET_STATUS);
	check_status("reset by power states", pci_reset(session, net.bdf), PURLIN_OK);
	check_alive("BAR after the reset", &net);
	check_equal("status after the reset", read_register(&net, NET_STATUS), before);
}

/* QEMU's e1000e has one, with the signature of PCI 3.0, 6.3.1.1. */
static void test_expansion_rom(void)
{
	purlin_u64 first, pages, memory;
	struct function net;
	uint32_t address;
	void *rom;

	if (!find(&net, CLASS_NET))
		return;
	address = pci_read(session, net.bdf, ROM, 4);
	if (!check_status("ROM",
			  pci_bar_piece(session, net.bdf, PCI_BAR_ROM, 0, &first, &pages, &memory),
			  PURLIN_OK) ||
	    !check_status("ROM mapped", memory_map(memory, 0, pages, PURLIN_MAP_READ, &rom),
			  PURLIN_OK))
		return;
	check_true("ROM is off at first", *(volatile uint16_t *)rom != ROM_SIGNATURE);
	pci_write(session, net.bdf, ROM, 4, address | ROM_ENABLE);
	check_equal("ROM switched on", *(volatile uint16_t *)rom, ROM_SIGNATURE);
	pci_write(session, net.bdf, ROM, 4, 0xfe000000u | ROM_ENABLE);
	check_equal("ROM not moved", pci_read(session, net.bdf, ROM, 4), address | ROM_ENABLE);
	check_equal("and still there", *(volatile uint16_t *)rom, ROM_SIGNATURE);
	check_status("reset with the ROM on", pci_reset(session, net.bdf), PURLIN_OK);
	check_true("ROM is off after the reset", *(volatile uint16_t *)rom != ROM_SIGNATURE);
	pci_write(session, net.bdf, ROM, 4, address | ROM_ENABLE);
	check_equal("ROM is where it was", *(volatile uint16_t *)rom, ROM_SIGNATURE);
}

static void test_messages_and_writes(void)
{
	struct function nvme, net;
	uint32_t capabilities;

	if (!find(&nvme, CLASS_NVME) || !find(&net, CLASS_NET))
		return;
	capabilities = read_register(&nvme, NVME_CAP);
	test_many_messages(session, &nvme);
	test_hostile_writes(session, &nvme, &net);
	check_equal("capabilities after hostile writes", read_register(&nvme, NVME_CAP),
		    capabilities);
	/* The next life finds the configuration set, and must not. */
	write_register(&nvme, NVME_CONFIG, NVME_ENTRY_SIZES);
}

int component_main(purlin_u64 argument)
{
	(void)argument;
	if (!check_status("PCI", session_open("PCI", "reset", &session), PURLIN_OK))
		return check_sum();
	use_memory();
	test_function_level_reset();
	test_power_state_reset();
	test_expansion_rom();
	test_messages_and_writes();
	return check_sum();
}
