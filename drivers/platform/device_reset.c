/* SPDX-License-Identifier: MIT */
/* Function-level reset (PCI Express 5.0, 6.6.2), that of Advanced Features, power states. */
#include "device_reset.h"

#include "pci_config.h"
#include "pci_registers.h"
#include "session/devices.h"
#include "turn.h"

#define MILLISECOND 1000000ull
#define PRESENT_TRIES 100 /* of 10 ms */

/* What a function says of its resets is asked each time: it decides only which way is tried, and
 * the function was made silent before, whether it keeps its word or not. */
static bool can_flr(const struct pci_function *function)
{
	return function->pcie &&
	       (pci_config_read(function->bdf, function->pcie + PCIE_DEVICE_CAPABILITIES, 4) &
		PCIE_CAN_FLR);
}

/* Without the bit for pending transactions nobody could tell when the reset is safe: both or none.
 */
static bool can_af_flr(const struct pci_function *function)
{
	return function->af && (pci_config_read(function->bdf, function->af + AF_CAPABILITIES, 1) &
				AF_CAN_FLR) == AF_CAN_FLR;
}

/* PCI Power Management 1.2, 3.2.4: D3hot to D0 is a reset unless the function says it is none. */
static bool can_power_reset(const struct pci_function *function)
{
	return function->pm &&
	       !(pci_config_read(function->bdf, function->pm + PM_CONTROL, 2) & PM_NO_SOFT_RESET);
}

bool reset_possible(const struct pci_function *function)
{
	return can_flr(function) || can_af_flr(function) || can_power_reset(function);
}

/* PCI Power Management 1.2, 5.6.1: 10 ms in each direction. */
static void power_reset(const struct pci_function *function)
{
	unsigned int offset = function->pm + PM_CONTROL;
	uint32_t control = pci_config_read(function->bdf, offset, 2) & ~PM_STATE;

	pci_config_write(function->bdf, offset, 2, control | PM_STATE);
	turn_pause(10 * MILLISECOND);
	pci_config_write(function->bdf, offset, 2, control);
	turn_pause(10 * MILLISECOND);
}

/* PCI Express 5.0, 6.6.2: the function is left alone for 100 ms. Reads that it does not answer in
 * that time may be errors, which some machines report as an NMI. */
static void start_flr(const struct pci_function *function)
{
	unsigned int offset = function->pcie + PCIE_DEVICE_CONTROL;

	pci_config_write(function->bdf, offset, 2,
			 pci_config_read(function->bdf, offset, 2) | PCIE_CONTROL_FLR);
	turn_pause(100 * MILLISECOND);
}

static void start_af_flr(const struct pci_function *function)
{
	pci_config_write(function->bdf, function->af + AF_CONTROL, 1, 1);
	turn_pause(100 * MILLISECOND);
}

/* PCI Express 5.0, 2.3.1: a function that is not ready answers with a retry, read as all ones. */
static void wait_until_present(const struct pci_function *function)
{
	for (unsigned int i = 0; i < PRESENT_TRIES && !function->gone; i++) {
		if (pci_config_read(function->bdf, CFG_ID, 2) == function->vendor)
			return;
		turn_pause(10 * MILLISECOND);
	}
	pci_function_log(function, "does not come back from its reset");
}

/* The ways in the order of what they reset: power states leave more behind than the others. */
bool reset_function(const struct pci_function *function)
{
	if (function->gone)
		return false;
	if (can_flr(function))
		start_flr(function);
	else if (can_af_flr(function))
		start_af_flr(function);
	else if (can_power_reset(function))
		power_reset(function);
	else
		return false;
	wait_until_present(function);
	reset_restore(function);
	return true;
}

/* Addresses as they were found at the start, not as the device says now: it was never believed
 * again.
 */
static void restore_bars(const struct pci_function *function)
{
	for (unsigned int i = 0; i < PCI_BARS; i++) {
		const struct pci_bar *bar = &function->bar[i];

		if (!bar->size)
			continue;
		pci_config_write(function->bdf, CFG_BAR + 4 * i, 4,
				 (uint32_t)bar->address | bar->flags);
		if (!(bar->flags & BAR_IO) && (bar->flags & BAR_TYPE_MASK) == BAR_TYPE_64 &&
		    i + 1 < PCI_BARS)
			pci_config_write(function->bdf, CFG_BAR + 4 * (i + 1), 4,
					 (uint32_t)(bar->address >> 32));
	}
}

/* Before the BARs: an address is aligned to the size. */
static void restore_sizes(const struct pci_function *function)
{
	for (unsigned int i = 0; i < function->rebars; i++)
		pci_config_write(function->bdf, function->rebar + REBAR_CONTROL(i), 4,
				 function->rebar_control[i]);
}

/*
 * A payload size below that of the port above would make errors of its packets. Error messages
 * of assigned functions stay off: they could become NMIs.
 */
void reset_restore(const struct pci_function *function)
{
	restore_sizes(function);
	restore_bars(function);
	if (function->pcie)
		pci_config_write(function->bdf, function->pcie + PCIE_DEVICE_CONTROL, 2,
				 function->pcie_control);
	if (function->acs)
		pci_config_write(function->bdf, function->acs + ACS_CONTROL, 2,
				 function->acs_control);
}

/*
 * The answer to a read pushes writes of the function before it (PCI 3.0, appendix E). What it reads
 * itself may take 100 ms (PCI Express 5.0, 6.6.2).
 */
void reset_drain(const struct pci_function *function)
{
	(void)pci_config_read(function->bdf, CFG_COMMAND, 2);
	for (unsigned int i = 0; function->pcie && !function->gone && i < 100; i++) {
		if (!(pci_config_read(function->bdf, function->pcie + PCIE_DEVICE_STATUS, 2) &
		      PCIE_STATUS_PENDING))
			return;
		turn_pause(MILLISECOND);
	}
}

void reset_drain_all(const struct pci_tree *tree)
{
	for (unsigned int i = 0; i < tree->count; i++)
		reset_drain(&tree->function[i]);
}

void reset_note_all(struct pci_tree *tree)
{
	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		function->resets = (can_flr(function) ? DEVICES_RESET_FUNCTION : 0) |
				   (can_af_flr(function) ? DEVICES_RESET_AF : 0) |
				   (can_power_reset(function) ? DEVICES_RESET_POWER : 0);
	}
}
