/* SPDX-License-Identifier: MIT */
/* Messages of ports, releases of owners, and deadlines. */
#include "slot_watch.h"

#include <stdlib.h>

#include "alarm.h"
#include "device_msi.h"
#include "device_msix.h"
#include "pci_config.h"
#include "pci_move.h"
#include "pci_registers.h"
#include "pci_slot.h"
#include "port_errors.h"
#include "purlin/calls.h"
#include "turn.h"

#define PORTS 64

/* A port's own message, which nobody but the platform ever has. */
struct port_message {
	struct dma_domain domain;
	struct config_filter filter; /* what is wished: that it is enabled */
	struct device_msi msi;
};

static struct {
	struct pci_server *server;
	unsigned int count;
	struct pci_slot slot[PORTS];
	unsigned int ports; /* that hear of errors */
	struct pci_function *port[PORTS];
	struct alarm alarm; /* for deadlines; messages of ports come the same way */
} watch;

static uint64_t next_deadline(void)
{
	uint64_t next = pci_move_deadline(watch.server);

	for (unsigned int i = 0; i < watch.count; i++)
		if (watch.slot[i].state == SLOT_LEAVING && watch.slot[i].deadline < next)
			next = watch.slot[i].deadline;
	return next;
}

/* All are looked at: which port it was, its message does not say once several have come. */
static void serve(void *argument)
{
	purlin_u64 bits;

	(void)argument;
	for (;;) {
		turn_take();
		for (unsigned int i = 0; i < watch.ports; i++)
			port_errors_look(watch.server, watch.port[i]);
		for (unsigned int i = 0; i < watch.count; i++)
			pci_slot_look(watch.server, &watch.slot[i]);
		pci_move_look(watch.server);
		alarm_set(&watch.alarm, next_deadline(), 1);
		turn_give();
		(void)purlin_signal_wait(watch.alarm.signal, &bits);
	}
}

/* Of the registers that are wished for, there is one. */
static void wish_enabled(struct port_message *message, unsigned int kind)
{
	const struct pci_function *port = message->msi.function;
	struct config_register *entry = &message->filter.registers[0];

	message->filter.count = 1;
	if (kind == PCI_MSIX)
		*entry = (struct config_register){ .offset = port->msix,
						   .value = MSIX_ENABLE << 16 };
	else
		*entry = (struct config_register){ .offset = port->msi, .value = MSI_ENABLE << 16 };
}

static purlin_s64 allocate(struct port_message *message, purlin_u64 *slot)
{
	struct device_msi *msi = &message->msi;
	unsigned int kind = PCI_MSI;

	device_msix_start(msi);
	device_msi_start(msi);
	if (msi->entries && device_msix_open(msi))
		kind = PCI_MSIX;
	else if (!msi->messages)
		return PURLIN_NO_DEVICE;
	wish_enabled(message, kind);
	return device_msi_allocate(msi, kind, 0, slot);
}

/* A message is a write of the port's own; the table of messages is in its registers. */
static purlin_s64 listen(struct pci_function *port)
{
	struct port_message *message = calloc(1, sizeof(*message));
	uint32_t command = pci_config_read(port->bdf, CFG_COMMAND, 2);
	purlin_u64 slot;
	purlin_s64 status;

	if (!message)
		return PURLIN_NO_MEMORY;
	pci_config_write(port->bdf, CFG_COMMAND, 2, command | COMMAND_MEMORY | COMMAND_MASTER);
	message->domain = (struct dma_domain){ .type = watch.server->dma };
	message->msi = (struct device_msi){ .function = port,
					    .filter = &message->filter,
					    .domain = &message->domain };
	status = allocate(message, &slot);
	return status ? status : purlin_irq_bind(slot, watch.alarm.signal, 1);
}

static void add_port(struct pci_function *port, bool slot, bool errors)
{
	if (listen(port)) {
		pci_function_log(port, "it sends no message, so nothing is heard of its slot");
		return;
	}
	if (errors) {
		watch.port[watch.ports++] = port;
		port_errors_start(watch.server, port);
		pci_function_log(port, "it tells of errors below");
	}
	if (slot) {
		watch.slot[watch.count] = (struct pci_slot){ .port = port };
		pci_slot_start(watch.server, &watch.slot[watch.count++]);
		pci_function_log(port, "its slot can be emptied and filled");
	}
}

/* What firmware keeps to itself is left alone. */
static void add_ports(struct pci_server *server)
{
	for (unsigned int i = 0; i < server->tree.count; i++) {
		struct pci_function *port = &server->tree.function[i];
		bool slot = server->acpi.native_slots && port->hot_plug && port->pcie;
		bool errors = server->acpi.native_errors && port_errors_possible(port);

		if ((slot || errors) && watch.count < PORTS && watch.ports < PORTS)
			add_port(port, slot, errors);
	}
}

purlin_s64 slot_watch_start(struct pci_server *server, purlin_u64 component)
{
	purlin_s64 status;

	watch.server = server;
	status = alarm_create(&watch.alarm);
	if (status)
		return status;
	if (server->acpi.native_slots || server->acpi.native_errors)
		add_ports(server);
	server->slots = watch.alarm.signal;
	return turn_spawn(serve, NULL, component);
}
