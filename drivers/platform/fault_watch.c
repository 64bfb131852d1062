/* SPDX-License-Identifier: MIT */
/* The thread that waits for the IOMMU to stop something. */
#include "pci_faults.h"

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/slots.h"
#include "turn.h"

#define REST 10000000ull /* ns */

static struct {
	struct pci_server *server;
	purlin_u64 signal;
} watch;

/* A device that never stops costs a little of the processor, and does not delay anybody else. */
static void serve(void *argument)
{
	purlin_u64 bits;

	(void)argument;
	for (;;) {
		if (purlin_signal_wait(watch.signal, &bits))
			continue;
		turn_take();
		while (pci_faults_note(watch.server))
			turn_pause(REST);
		turn_give();
	}
}

purlin_s64 pci_faults_watch(struct pci_server *server, purlin_u64 component)
{
	purlin_s64 status;

	if (!server->dma->watch)
		return PURLIN_OK;
	watch.server = server;
	watch.signal = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, watch.signal);
	if (!status)
		status = server->dma->watch(watch.signal);
	return status ? status : turn_spawn(serve, NULL, component);
}
