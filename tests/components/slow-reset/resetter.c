/* SPDX-License-Identifier: MIT */
/* Has a device reset again and again: each time the platform component leaves it alone for 100 ms.
 */
#include <stdio.h>

#include "purlin/boot.h"
#include "runtime/component.h"
#include "runtime/pci.h"
#include "runtime/session.h"

int component_main(purlin_u64 argument)
{
	purlin_u64 session, bdf, id, class_revision;

	(void)argument;
	if (session_open("PCI", "resetter", &session) ||
	    pci_device(session, 0, &bdf, &id, &class_revision))
		component_panic("no device");
	for (unsigned int i = 1;; i++) {
		if (pci_reset(session, bdf))
			component_panic("no reset");
		printf("reset %u\n", i);
	}
}
