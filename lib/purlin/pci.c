/* SPDX-License-Identifier: MIT */
/* Client of a PCI session. */
#include "runtime/pci.h"
#include "runtime/rpc.h"
#include "runtime/slots.h"

static void put(purlin_u64 a, purlin_u64 b, purlin_u64 c, purlin_u64 d)
{
	purlin_u64 *word = message()->word;

	word[0] = a;
	word[1] = b;
	word[2] = c;
	word[3] = d;
}

purlin_s64 pci_device(purlin_u64 session, purlin_u64 index, purlin_u64 *bdf, purlin_u64 *id,
		      purlin_u64 *class_revision)
{
	purlin_s64 status;

	put(index, 0, 0, 0);
	status = rpc(session, PCI_DEVICE, 1);
	*bdf = message()->word[0];
	*id = message()->word[1];
	*class_revision = message()->word[2];
	return status;
}

purlin_u32 pci_read(purlin_u64 session, purlin_u64 bdf, purlin_u64 offset, purlin_u64 size)
{
	put(bdf, offset, size, 0);
	if (rpc(session, PCI_CONFIG_READ, 3))
		return 0xffffffffu;
	return (purlin_u32)message()->word[0];
}

void pci_write(purlin_u64 session, purlin_u64 bdf, purlin_u64 offset, purlin_u64 size,
	       purlin_u64 value)
{
	put(bdf, offset, size, value);
	(void)rpc(session, PCI_CONFIG_WRITE, 4);
}

purlin_u64 pci_find_capability(purlin_u64 session, purlin_u64 bdf, purlin_u32 id)
{
	purlin_u64 offset = 0x34;

	/* Status bit 4: there is a list; 48 capabilities are the most that fit. */
	if (!(pci_read(session, bdf, 6, 2) & 0x10))
		return 0;
	/* Bounded, since a device may chain its list to a circle. */
	for (unsigned int steps = 0; steps < 48; steps++) {
		offset = pci_read(session, bdf, offset, 1) & 0xfc;
		if (!offset || pci_read(session, bdf, offset, 1) == id)
			return offset;
		offset++;
	}
	return 0;
}

purlin_s64 pci_bar(purlin_u64 session, purlin_u64 bdf, purlin_u64 index, struct pci_client_bar *bar)
{
	purlin_u64 slot = slot_reserve(), info = 0;
	struct purlin_message *buffer = message();
	purlin_s64 status;

	/* Only port ranges come with a capability, so rpc_receive would not do. */
	if (!slot)
		return PURLIN_NO_MEMORY;
	put(bdf, index, 0, 0);
	buffer->receive_slot[0] = (purlin_u32)slot;
	for (unsigned int i = 1; i < PURLIN_MESSAGE_CAPS; i++)
		buffer->receive_slot[i] = 0;
	status = purlin_endpoint_call(session, PURLIN_INFO(PCI_BAR, 2, 0), &info);
	if (!status)
		status = (int)PURLIN_INFO_LABEL(info);
	bar->ports = 0;
	if (!status && PURLIN_INFO_CAPS(info))
		bar->ports = slot;
	else
		slot_release(slot);
	bar->kind = buffer->word[0];
	bar->address = buffer->word[1];
	bar->bytes = buffer->word[2];
	return status;
}

purlin_s64 pci_bar_piece(purlin_u64 session, purlin_u64 bdf, purlin_u64 index, purlin_u64 number,
			 purlin_u64 *first_page, purlin_u64 *pages, purlin_u64 *memory)
{
	purlin_s64 status;

	put(bdf, index, number, 0);
	status = rpc_receive(session, PCI_BAR_PIECE, 3, memory);
	*first_page = message()->word[0];
	*pages = message()->word[1];
	return status;
}

purlin_s64 pci_intx(purlin_u64 session, purlin_u64 bdf, purlin_u64 *irq, purlin_u64 *flags,
		    purlin_u64 *gsi)
{
	purlin_s64 status;

	put(bdf, 0, 0, 0);
	status = rpc_receive(session, PCI_INTX, 1, irq);
	*flags = message()->word[0];
	*gsi = message()->word[1];
	return status;
}

purlin_s64 pci_msi_allocate(purlin_u64 session, purlin_u64 bdf, purlin_u64 kind, purlin_u64 index,
			    purlin_u64 *irq)
{
	put(bdf, kind, index, 0);
	return rpc_receive(session, PCI_MSI_ALLOC, 3, irq);
}

purlin_s64 pci_msi_free(purlin_u64 session, purlin_u64 bdf, purlin_u64 kind, purlin_u64 index)
{
	put(bdf, kind, index, 0);
	return rpc(session, PCI_MSI_FREE, 3);
}

purlin_s64 pci_dma_map(purlin_u64 session, purlin_u64 memory, purlin_u64 *address)
{
	purlin_s64 status = rpc_send(session, PCI_DMA_MAP, 0, memory);

	*address = message()->word[0];
	return status;
}

purlin_s64 pci_dma_map_at(purlin_u64 session, purlin_u64 memory, purlin_u64 wanted,
			  purlin_u64 *address)
{
	purlin_s64 status;

	put(wanted, 0, 0, 0);
	status = rpc_send(session, PCI_DMA_MAP, 1, memory);
	*address = message()->word[0];
	return status;
}

purlin_s64 pci_faults(purlin_u64 session, purlin_u64 signal, struct pci_client_fault *fault)
{
	purlin_s64 status =
		signal ? rpc_send(session, PCI_FAULTS, 0, signal) : rpc(session, PCI_FAULTS, 0);
	const purlin_u64 *word = message()->word;

	*fault = (struct pci_client_fault){ word[0], word[1], word[2], word[3] };
	return status;
}

purlin_s64 pci_dma_unmap(purlin_u64 session, purlin_u64 address)
{
	put(address, 0, 0, 0);
	return rpc(session, PCI_DMA_UNMAP, 1);
}

purlin_s64 pci_storms(purlin_u64 session, purlin_u64 signal, struct pci_client_storm *storm)
{
	purlin_s64 status =
		signal ? rpc_send(session, PCI_STORMS, 0, signal) : rpc(session, PCI_STORMS, 0);
	const purlin_u64 *word = message()->word;

	*storm = (struct pci_client_storm){ word[0], word[1], word[2], word[3] };
	return status;
}

purlin_s64 pci_storm_resume(purlin_u64 session, purlin_u64 bdf, purlin_u64 kind, purlin_u64 index)
{
	put(bdf, kind, index, 0);
	return rpc(session, PCI_STORM_RESUME, 3);
}

purlin_s64 pci_reset(purlin_u64 session, purlin_u64 bdf)
{
	put(bdf, 0, 0, 0);
	return rpc(session, PCI_RESET, 1);
}
