/* SPDX-License-Identifier: MIT */
/*
 * Messages and lines of one owner that come too fast. The kernel holds the processor's interrupts
 * back for a moment and says so; then the source alone is silenced, at the device.
 */
#ifndef PLATFORM_STORMS_H
#define PLATFORM_STORMS_H

#include "pci_state.h"
#include "runtime/server.h"

#define STORM_REST 10000000ull /* ns: how long a source is silent at least */

/* Some interrupt came too fast: find its source, silence it, tell its owner. */
void storms_note(struct pci_server *server);

/*
 * Let sources go on whose rest is over and whose owner did not ask to be told. Returns as
 * shared_lines_due().
 */
uint64_t storms_due(struct pci_server *server);

/* PCI_STORMS and PCI_STORM_RESUME of session/pci.h. */
purlin_s64 storms_tell(struct pci_session *session, struct request *request);
purlin_s64 storms_resume(struct pci_session *session, struct device *device,
			 struct request *request);

#endif
