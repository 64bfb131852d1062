/* SPDX-License-Identifier: MIT */
/* What happens to a slot, by what its port says and its cards' owners do. */
#include "pci_slot.h"

#include "bar_place.h"
#include "hardware.h"
#include "pci_config.h"
#include "pci_groups.h"
#include "pci_life.h"
#include "pci_registers.h"
#include "port_errors.h"
#include "turn.h"

#define MILLISECOND 1000000ull
#define TRIES 100 /* of 10 ms */

static uint32_t slot_read(const struct pci_slot *slot, unsigned int offset, unsigned int size)
{
	return pci_config_read(slot->port->bdf, slot->port->pcie + offset, size);
}

static void slot_write(const struct pci_slot *slot, unsigned int offset, uint32_t value)
{
	pci_config_write(slot->port->bdf, slot->port->pcie + offset, 2, value);
}

static void slot_log(const struct pci_slot *slot, const char *text)
{
	hardware_log_for("slots", "PCI slot %u: %s", slot->port->slot_number, text);
}

/* A port may take one command at a time (PCI Express 5.0, 6.7.3.2). */
static void command(const struct pci_slot *slot, uint32_t bits, uint32_t value)
{
	uint32_t control = slot_read(slot, PCIE_SLOT_CONTROL, 2);

	slot_write(slot, PCIE_SLOT_STATUS, SLOT_COMMAND_COMPLETED);
	slot_write(slot, PCIE_SLOT_CONTROL, (control & ~bits) | value);
	if (slot_read(slot, PCIE_SLOT, 4) & SLOT_NO_COMPLETION)
		return;
	for (unsigned int i = 0; i < TRIES; i++) {
		if (slot_read(slot, PCIE_SLOT_STATUS, 2) & SLOT_COMMAND_COMPLETED)
			break;
		turn_pause(10 * MILLISECOND);
	}
	slot_write(slot, PCIE_SLOT_STATUS, SLOT_COMMAND_COMPLETED);
}

static bool has_power(const struct pci_slot *slot)
{
	return slot_read(slot, PCIE_SLOT, 4) & SLOT_HAS_POWER;
}

static void switch_power(const struct pci_slot *slot, bool on)
{
	uint32_t bits = SLOT_INDICATOR, value = on ? SLOT_INDICATOR_ON : SLOT_INDICATOR_OFF;

	if (has_power(slot)) {
		bits |= SLOT_POWER_OFF;
		value |= on ? 0 : SLOT_POWER_OFF;
	}
	command(slot, bits, value);
}

/* Or behind a bridge that is one. */
static bool is_card(const struct pci_slot *slot, const struct pci_function *function)
{
	while (function && function->parent != slot->port)
		function = function->parent;
	return function != NULL;
}

/* Links below a switch on the card come up by themselves after its own (PCI Express 5.0, 6.6.1). */
static void await_links(const struct pci_slot *slot)
{
	uint16_t bdf = (uint16_t)PCI_BDF(slot->port->secondary, 0, 0);

	if ((pci_config_read(bdf, CFG_HEADER_TYPE, 1) & ~HEADER_MULTIFUNCTION) == HEADER_BRIDGE)
		turn_pause(100 * MILLISECOND);
}

/* PCI Express 5.0, 6.6.1: 100 ms after the link is up, and a second until it answers. */
static bool await_card(const struct pci_slot *slot)
{
	bool tells = slot_read(slot, PCIE_LINK, 4) & PCIE_LINK_TELLS;

	for (unsigned int i = 0; tells && i < TRIES; i++) {
		if (slot_read(slot, PCIE_LINK_STATUS, 2) & PCIE_LINK_ACTIVE)
			break;
		turn_pause(10 * MILLISECOND);
	}
	turn_pause(100 * MILLISECOND);
	for (unsigned int i = 0; i < TRIES; i++) {
		uint32_t id = pci_config_read(PCI_BDF(slot->port->secondary, 0, 0), CFG_ID, 2);

		if (id != 0xffff && id != 0) {
			await_links(slot);
			return true;
		}
		turn_pause(10 * MILLISECOND);
	}
	return false;
}

static void find_functions(struct pci_server *server, const struct pci_slot *slot)
{
	struct pci_tree *tree = &server->tree;

	pci_tree_add_behind(tree, slot->port);
	bars_place(server, slot->port);
	for (unsigned int i = 0; i < tree->count; i++) {
		struct pci_function *function = &tree->function[i];

		if (!is_card(slot, function) || function->fixed)
			continue;
		function->arrived = true;
		function->came = slot->noticed;
		if (server->acpi.native_errors)
			port_errors_add(function);
		function->fresh = has_power(slot);
		pci_function_log(function, "has come");
	}
	pci_groups_change(tree, slot->port);
	server->changes++;
}

static void fill(struct pci_server *server, struct pci_slot *slot)
{
	slot->noticed = hardware_time_ns();
	switch_power(slot, true);
	if (!await_card(slot)) {
		slot_log(slot, "what is in it does not answer");
		switch_power(slot, false);
		return;
	}
	find_functions(server, slot);
	slot->state = SLOT_FULL;
	pci_life_arrived(server);
}

/* Nobody gets it from now on. */
static void ask_to_leave(struct pci_server *server, struct pci_slot *slot)
{
	slot_log(slot, "its button was pressed");
	slot->state = SLOT_LEAVING;
	slot->deadline = hardware_time_ns() + PCI_LEAVING_TIME;
	for (unsigned int i = 0; i < server->tree.count; i++) {
		struct pci_function *function = &server->tree.function[i];

		if (!is_card(slot, function))
			continue;
		function->leaving = true;
		pci_life_leaving(function);
	}
}

static bool is_owned(const struct pci_server *server, const struct pci_slot *slot)
{
	for (unsigned int i = 0; i < server->tree.count; i++)
		if (is_card(slot, &server->tree.function[i]) && server->tree.function[i].owner)
			return true;
	return false;
}

static void vacate(struct pci_server *server, struct pci_slot *slot)
{
	slot->state = SLOT_VACATED;
	for (unsigned int i = 0; i < server->tree.count; i++)
		if (is_card(slot, &server->tree.function[i]))
			pci_life_gone(&server->tree.function[i]);
	switch_power(slot, false);
	slot_log(slot, "is empty");
}

/* What may still reach memory of somebody's keeps its place, and the slot with it. */
static void clear(struct pci_server *server, struct pci_slot *slot)
{
	for (unsigned int i = 0; i < server->tree.count; i++) {
		struct pci_function *function = &server->tree.function[i];

		if (is_card(slot, function) && function->quarantined)
			return;
	}
	/* Backwards, for a bridge comes before what is behind it. */
	for (unsigned int i = server->tree.count; i-- > 0;)
		if (is_card(slot, &server->tree.function[i]))
			pci_tree_remove(&server->tree.function[i]);
	pci_groups_change(&server->tree, slot->port);
	server->changes++;
	slot->state = SLOT_EMPTY;
}

/* A port tells of an event when the first of them comes, so none must be left over. */
static uint32_t take_events(const struct pci_slot *slot)
{
	uint32_t all = 0, events;

	for (unsigned int i = 0; i < TRIES; i++) {
		events = slot_read(slot, PCIE_SLOT_STATUS, 2) & SLOT_EVENTS;
		if (!events)
			break;
		slot_write(slot, PCIE_SLOT_STATUS, events);
		all |= events;
	}
	return all;
}

static bool is_present(const struct pci_slot *slot)
{
	return slot_read(slot, PCIE_SLOT_STATUS, 2) & SLOT_PRESENT;
}

/* A card that went and came back between two looks is another card. */
static bool was_pulled(const struct pci_slot *slot, uint32_t events)
{
	bool down = (events & SLOT_LINK_CHANGED) &&
		    (slot_read(slot, PCIE_LINK, 4) & PCIE_LINK_TELLS) &&
		    !(slot_read(slot, PCIE_LINK_STATUS, 2) & PCIE_LINK_ACTIVE);

	return (events & SLOT_PRESENCE_CHANGED) || down || !is_present(slot);
}

static void look_once(struct pci_server *server, struct pci_slot *slot)
{
	uint32_t events = take_events(slot);
	bool occupied = slot->state == SLOT_FULL || slot->state == SLOT_LEAVING;

	if (events & (SLOT_PRESENCE_CHANGED | SLOT_BUTTON))
		slot->parked = false;
	if (occupied && was_pulled(slot, events))
		vacate(server, slot);
	else if (slot->state == SLOT_FULL && (events & SLOT_BUTTON))
		ask_to_leave(server, slot);
	if (slot->state == SLOT_LEAVING &&
	    (!is_owned(server, slot) || hardware_time_ns() >= slot->deadline)) {
		vacate(server, slot);
		slot->parked = true;
	}
	if (slot->state == SLOT_VACATED && !is_owned(server, slot))
		clear(server, slot);
	if (slot->state == SLOT_EMPTY && !slot->parked && is_present(slot))
		fill(server, slot);
}

void pci_slot_look(struct pci_server *server, struct pci_slot *slot)
{
	enum slot_state before;

	/* What happened during a pause is looked at again. */
	do {
		before = slot->state;
		look_once(server, slot);
	} while (slot->state != before);
}

void pci_slot_start(struct pci_server *server, struct pci_slot *slot)
{
	slot->state = SLOT_EMPTY;
	for (unsigned int i = 0; i < server->tree.count; i++)
		if (is_card(slot, &server->tree.function[i]))
			slot->state = SLOT_FULL;
	(void)take_events(slot);
	command(slot, SLOT_TELL, SLOT_TELL);
}
