/* SPDX-License-Identifier: MIT */
/* Client of a PCI session. See session/pci.h; bdf are the session's. */
#ifndef RUNTIME_PCI_H
#define RUNTIME_PCI_H

#include "purlin/types.h"
#include "session/pci.h"

struct pci_client_bar {
	purlin_u64 kind; /* PCI_BAR_* */
	purlin_u64 address;
	purlin_u64 bytes;
	purlin_u64 ports; /* slot of the I/O port range, 0 for memory */
};

/* NO_DEVICE: no more. */
purlin_s64 pci_device(purlin_u64 session, purlin_u64 index, purlin_u64 *bdf, purlin_u64 *id,
		      purlin_u64 *class_revision);

purlin_u32 pci_read(purlin_u64 session, purlin_u64 bdf, purlin_u64 offset, purlin_u64 size);
void pci_write(purlin_u64 session, purlin_u64 bdf, purlin_u64 offset, purlin_u64 size,
	       purlin_u64 value);
/* Offset of a capability, 0: none. */
purlin_u64 pci_find_capability(purlin_u64 session, purlin_u64 bdf, purlin_u32 id);

struct pci_client_fault {
	purlin_u64 count;
	purlin_u64 bdf, address, reason; /* of the last */
};

purlin_s64 pci_bar(purlin_u64 session, purlin_u64 bdf, purlin_u64 index,
		   struct pci_client_bar *bar);
/* A piece of a memory BAR: NO_DEVICE: no more. */
purlin_s64 pci_bar_piece(purlin_u64 session, purlin_u64 bdf, purlin_u64 index, purlin_u64 number,
			 purlin_u64 *first_page, purlin_u64 *pages, purlin_u64 *memory);

purlin_s64 pci_intx(purlin_u64 session, purlin_u64 bdf, purlin_u64 *irq, purlin_u64 *flags,
		    purlin_u64 *gsi);
purlin_s64 pci_msi_allocate(purlin_u64 session, purlin_u64 bdf, purlin_u64 kind, purlin_u64 index,
			    purlin_u64 *irq);
purlin_s64 pci_msi_free(purlin_u64 session, purlin_u64 bdf, purlin_u64 kind, purlin_u64 index);

purlin_s64 pci_dma_map(purlin_u64 session, purlin_u64 memory, purlin_u64 *address);
/* At that bus address, where there is an IOMMU. */
purlin_s64 pci_dma_map_at(purlin_u64 session, purlin_u64 memory, purlin_u64 wanted,
			  purlin_u64 *address);
purlin_s64 pci_dma_unmap(purlin_u64 session, purlin_u64 address);
/* What the IOMMU stopped. signal: to be notified from now on, or 0: as before. */
purlin_s64 pci_faults(purlin_u64 session, purlin_u64 signal, struct pci_client_fault *fault);

struct pci_client_storm {
	purlin_u64 count;
	purlin_u64 bdf, kind, index; /* of the last */
};
/* What came too fast. signal: as above. */
purlin_s64 pci_storms(purlin_u64 session, purlin_u64 signal, struct pci_client_storm *storm);
purlin_s64 pci_storm_resume(purlin_u64 session, purlin_u64 bdf, purlin_u64 kind, purlin_u64 index);

purlin_s64 pci_reset(purlin_u64 session, purlin_u64 bdf);

#endif
