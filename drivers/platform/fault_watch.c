/* SPDX-License-Identifier: MIT */
/* The thread that waits for the IOMMU to stop something. */
#include "pci_faults.h"

#include "purlin/boot.h"
#include "purlin/calls.h"
#include "runtime/component.h"
#include "runtime/slots.h"
#include "runtime/thread.h"
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
	purlin_u64 slot;
	purlin_s64 status;

	if (!server->dma->watch)
		return PURLIN_OK;
	watch.server = server;
	watch.signal = slot_reserve();
	status = purlin_signal_create(PURLIN_SLOT_ACCOUNT, watch.signal);
	if (!status)
		status = server->dma->watch(watch.signal);
	if (!status)
		status = turn_add_thread();
	return status ? status :
			thread_spawn(serve, NULL, COMPONENT_PROCESSOR(component),
				     COMPONENT_PRIORITY(component), &slot);
}
