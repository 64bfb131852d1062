/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * The kinds of session that init or core has to know, one line for each. A service between native
 * components needs no line: init passes the client's arguments on to the server that the system
 * description names.
 *
 * CORE(id, name, grants): core serves it with `struct service service_ID` (core/service.h).
 * COMPONENT(id, name, grants, guest): a component that has the name in `provides` serves it.
 *
 * grants: what init puts after the label when it opens a session, in place of the client's words:
 *   ARGUMENTS: nothing, the client's words pass (core takes none)
 *   IO_PORTS, IO_MEMORY, IRQS: ranges that the description gives (session/core.h)
 *   HARDWARE: whether the description says `hardware` (session/core.h)
 *   RAM_QUOTA: the account that pays for the component's RAM
 *   PCI_RULES: which devices the component gets (session/pci.h)
 *   CONTROL: the components whose devices it may see (session/devices.h)
 *
 * guest: how a Linux gets it before it starts (docs/guest-device-tree.md):
 *   NOT_AT_START: not at all; it asks its parent for a session itself
 *   SHARED(property, node, operation, pages): the Linux component has a list of labels under this
 *     name in its description. For each, init opens a session and asks for `operation`, with the
 *     signal of an event; the server answers with shared memory of so many pages and the signal to
 *     notify (session/ring.h). The guest finds both by a node "node", compatible "purlin,node".
 *   VIRTIO(property, node, type, pages, features): a device session (session/virtio.h) for each
 *     label of the list. init is the client: it lends so many pages of the component's memory,
 *     takes those of the features that are offered, and starts the session again when the server
 *     has come back. The guest has the memory, the signal and an event, by a node "node",
 *     compatible "purlin,virtio"; it is told of the server's end only if it will not come back.
 *   OWN(property, node): Linux opens the session itself when it runs, for each label of the list;
 *     a node "node", compatible "purlin,node", says that it is to do so.
 *   DEVICES: the session's endpoint in a slot, and the node of a PCI host bridge
 */
#ifndef SESSION_SERVICES_H
#define SESSION_SERVICES_H

#include "session/terminal.h"
#include "session/virtio.h"

/*
 * Of a virtio block device (VIRTIO 1.2, 5.2.3), what the driver of every Linux takes: SIZE_MAX,
 * SEG_MAX, GEOMETRY, RO, BLK_SIZE, FLUSH, TOPOLOGY, MQ, DISCARD, WRITE_ZEROES.
 */
#define SERVICES_BLOCK_FEATURES 0x7676ull
/*
 * Of a virtio network device (VIRTIO 1.2, 5.1.3): CSUM, GUEST_CSUM, MAC, GUEST_TSO4, GUEST_TSO6,
 * GUEST_ECN, HOST_TSO4, HOST_TSO6, HOST_ECN, MRG_RXBUF, STATUS.
 */
#define SERVICES_NIC_FEATURES 0x1bba3ull

/* clang-format off */
#define SESSION_SERVICES(CORE, COMPONENT) \
	CORE(log, "LOG", ARGUMENTS) \
	CORE(rom, "ROM", ARGUMENTS) \
	CORE(ram, "RAM", RAM_QUOTA) \
	CORE(io_mem, "IO_MEM", IO_MEMORY) \
	CORE(io_port, "IO_PORT", IO_PORTS) \
	CORE(irq, "IRQ", IRQS) \
	CORE(dma, "DMA", HARDWARE) \
	CORE(timer, "Timer", ARGUMENTS) \
	COMPONENT(power, "Power", ARGUMENTS, NOT_AT_START) \
	COMPONENT(devices, "Devices", CONTROL, NOT_AT_START) \
	COMPONENT(pci, "PCI", PCI_RULES, DEVICES) \
	COMPONENT(terminal, "Terminal", ARGUMENTS, \
		  SHARED("consoles", "console", TERMINAL_START, TERMINAL_PAGES)) \
	COMPONENT(offer, "Offer", ARGUMENTS, OWN("offers", "offer")) \
	COMPONENT(block, "Block", ARGUMENTS, \
		  VIRTIO("disks", "block", VIRTIO_TYPE_BLOCK, 1024, SERVICES_BLOCK_FEATURES)) \
	COMPONENT(nic, "Nic", ARGUMENTS, \
		  VIRTIO("networks", "net", VIRTIO_TYPE_NIC, 256, SERVICES_NIC_FEATURES)) \
	COMPONENT(console, "Console", ARGUMENTS, \
		  VIRTIO("virtio-consoles", "virtio-console", VIRTIO_TYPE_CONSOLE, 64, 0)) \
	COMPONENT(entropy, "Entropy", ARGUMENTS, \
		  VIRTIO("entropy", "entropy", VIRTIO_TYPE_ENTROPY, 16, 0))
/* clang-format on */

#endif
