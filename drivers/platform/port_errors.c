/* SPDX-License-Identifier: MIT */
/* Who reports errors, what was reported, and who is told. */
#include "port_errors.h"

#include "hardware.h"
#include "pci_config.h"
#include "pci_registers.h"

#define AT_A_TIME 16

bool port_errors_possible(const struct pci_function *port)
{
	return port->bridge && port->pcie && port->pcie_type == PCIE_TYPE_ROOT_PORT && port->errors;
}

static bool is_below(const struct pci_function *function, const struct pci_function *port)
{
	while (function && function != port)
		function = function->parent;
	return function != NULL;
}

/* Some functions want the old switch to be on, too. */
static void write_control(struct pci_function *function, uint16_t report)
{
	unsigned int offset = function->pcie + PCIE_DEVICE_CONTROL;
	uint32_t control = pci_config_read(function->bdf, offset, 2);
	uint32_t command = pci_config_read(function->bdf, CFG_COMMAND, 2) & ~COMMAND_SERR;

	pci_config_write(function->bdf, CFG_COMMAND, 2, command | (report ? COMMAND_SERR : 0));

	/* Kept, since it is written again after each reset. */
	function->pcie_control =
		(uint16_t)((function->pcie_control & ~PCIE_CONTROL_REPORT) | report);
	control &= ~(PCIE_CONTROL_REPORT | PCIE_CONTROL_FLR);
	pci_config_write(function->bdf, offset, 2, control | report);
}

/* Bridges pass on what they hear of errors behind them. */
void port_errors_add(struct pci_function *function)
{
	unsigned int offset = CFG_BRIDGE_CONTROL;

	if (!function->pcie || !function->errors)
		return;
	write_control(function, PCIE_CONTROL_SERIOUS);
	if (function->bridge)
		pci_config_write(function->bdf, offset, 2,
				 pci_config_read(function->bdf, offset, 2) | BRIDGE_SERR);
}

/* What was reported before this is firmware's. */
void port_errors_start(struct pci_server *server, struct pci_function *port)
{
	unsigned int at = port->errors;

	pci_config_write(port->bdf, at + ERRORS_ROOT_STATUS, 4,
			 pci_config_read(port->bdf, at + ERRORS_ROOT_STATUS, 4));
	pci_config_write(port->bdf, at + ERRORS_ROOT_TELL, 4, ERRORS_TELL);
	for (unsigned int i = 0; i < server->tree.count; i++)
		if (is_below(&server->tree.function[i], port))
			port_errors_add(&server->tree.function[i]);
}

static void tell(struct pci_session *session, const struct pci_function *function, bool fatal)
{
	const struct device *device = session->devices;

	while (device && device->function != function)
		device = device->next;
	if (!device)
		return;
	session->fault.count++;
	session->fault.bdf = device->bdf;
	session->fault.last = (struct dma_fault){ .source = function->bdf,
						  .reason = fatal ? PCI_FAULT_FATAL : 0,
						  .error = true };
	resource_notify(session->fault.signal);
}

static void tell_owners(struct pci_server *server, const struct pci_function *port, bool fatal)
{
	for (struct pci_session *session = server->sessions; session; session = session->next)
		for (unsigned int i = 0; i < server->tree.count; i++)
			if (server->tree.function[i].owner == session &&
			    is_below(&server->tree.function[i], port))
				tell(session, &server->tree.function[i], fatal);
}

/* Each report costs time, and a device can make any number of errors. */
static void limit(struct pci_function *source)
{
	if (++source->error_count < PCI_FAULTS_MOST)
		return;
	write_control(source, 0);
	pci_function_log(source, "has reported too many errors, and reports no more");
}

static void note(struct pci_server *server, const struct pci_function *port, uint16_t bdf,
		 bool fatal)
{
	struct pci_function *source = pci_tree_find(&server->tree, bdf);
	uint32_t what = 0;

	if (source && source->errors && !source->gone) {
		what = pci_config_read(bdf, source->errors + ERRORS_STATUS, 4);
		pci_config_write(bdf, source->errors + ERRORS_STATUS, 4, what);
		limit(source);
	}
	hardware_log_for("errors", "PCI %02x:%02x.%x reported %s error (0x%x)", PCI_BUS(bdf),
			 PCI_SLOT(bdf), PCI_FUNCTION(bdf), fatal ? "a fatal" : "an uncorrected",
			 what);
	tell_owners(server, port, fatal);
}

/* As with slots: a port tells when the first comes, so none must be left over. */
void port_errors_look(struct pci_server *server, const struct pci_function *port)
{
	unsigned int at = port->errors;

	for (unsigned int i = 0; i < AT_A_TIME; i++) {
		uint32_t status = pci_config_read(port->bdf, at + ERRORS_ROOT_STATUS, 4);
		uint16_t source = (uint16_t)pci_config_read(port->bdf, at + ERRORS_SOURCE, 2);

		if (status == 0xffffffffu || !(status & ERRORS_CAME))
			return;
		pci_config_write(port->bdf, at + ERRORS_ROOT_STATUS, 4, status);
		note(server, port, source, status & ERRORS_FATAL);
	}
}
