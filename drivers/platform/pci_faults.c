/* SPDX-License-Identifier: MIT */
/* Faults, by device: counted, logged, told to the owner; limited, since devices cause them. */
#include "pci_faults.h"

#include "dma_source.h"
#include "hardware.h"
#include "pci_config.h"

#define AT_A_TIME 16

/* Behind a bridge to conventional PCI it may have been any of several, all of one session. */
static struct device *device_at(struct pci_session *session, uint16_t source)
{
	for (struct device *device = session->devices; device; device = device->next) {
		struct dma_sources sources = dma_sources(device->function);

		for (unsigned int i = 0; i < sources.count; i++)
			if (sources.bdf[i] == source)
				return device;
	}
	return NULL;
}

static void count(const struct pci_server *server, struct pci_session *session,
		  struct device *device, const struct dma_fault *fault)
{
	session->fault.count++;
	session->fault.bdf = device->bdf;
	session->fault.last = *fault;
	/*
	 * It is stopped as before, but no longer reported: reports cost time, and a device can
	 * cause any number.
	 */
	if (++device->faults == PCI_FAULTS_MOST) {
		pci_function_log(device->function,
				 "the IOMMU has stopped too much of it, and tells no more");
		server->dma->unwatch(device->function);
	}
	resource_notify(session->fault.signal);
}

static void note(struct pci_server *server, const struct dma_fault *fault)
{
	struct pci_session *session = server->sessions;
	struct device *device = NULL;

	/* Looked up now: who has the function may have changed since. */
	while (session && !(device = device_at(session, fault->source)))
		session = session->next;
	hardware_log_for(session ? session->label : "IOMMU",
			 "IOMMU: PCI %02x:%02x.%x of '%s' was stopped at 0x%llx (%s, 0x%x): %s",
			 PCI_BUS(fault->source), PCI_SLOT(fault->source),
			 PCI_FUNCTION(fault->source), session ? session->label : "nobody",
			 (unsigned long long)fault->address, fault->read ? "read" : "write",
			 fault->reason, fault->text);
	if (device)
		count(server, session, device, fault);
}

/*
 * A few at a time; then whoever calls gives up the turn, or one device could keep all others
 * waiting.
 */
bool pci_faults_note(struct pci_server *server)
{
	struct dma_fault fault;

	for (unsigned int i = 0; i < AT_A_TIME; i++) {
		if (!server->dma->fault(&fault))
			return false;
		note(server, &fault);
	}
	return true;
}

purlin_u64 pci_fault_reason(const struct dma_fault *fault)
{
	return fault->reason | (fault->read ? PCI_FAULT_READ : 0u) |
	       (fault->error ? PCI_FAULT_ERROR : 0u);
}

purlin_s64 pci_faults_tell(struct pci_session *session, struct request *request)
{
	const struct session_fault *fault = &session->fault;

	if (request->caps && request->cap[0]) {
		resource_forget(session->fault.signal);
		session->fault.signal = request->cap[0];
		request->cap[0] = 0; /* kept */
	}
	request_reply_word(request, fault->count);
	request_reply_word(request, fault->bdf);
	request_reply_word(request, fault->last.address);
	request_reply_word(request, pci_fault_reason(&fault->last));
	return PURLIN_OK;
}
