/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * PCI: the devices the system description assigns to one component. Server: the platform component.
 * It owns configuration space, BARs, MSI programming and bus mastering. The client gets
 * capabilities for what it may touch, and sees a filtered configuration space: its identity is
 * read-only, its command register is mediated, and address and data of MSI and MSI-X are virtual.
 * BARs hold the addresses that firmware or the server chose; they answer sizing as real ones do and
 * ignore other values. So does the expansion ROM, which is decoded while its enable bit is set and
 * the client holds its pages (PCI_BAR_PIECE).
 *
 * Devices come and go while a session lives: PCI_CHANGES, PCI_CLAIM, PCI_RELEASE.
 *
 * A device is named by its bdf: bus << 8 | device << 3 | function (PCI 3.0, 3.2.2.3.2). The client
 * sees one flat bus 0: a device that is on the host's bus 0 with its function 0 assigned too keeps
 * its place; any other (behind a bridge, or a lone function other than 0) appears as function 0 of
 * a free device number. Every bdf in this interface is the client's. Functions not assigned read as
 * absent; bridges are never assigned.
 *
 * States of a device: assigned (bus mastering off) -> in use (the client set
 * Bus Master in the command register; allowed only with DMA configured) -> back
 * (session closed or client dead: interrupts masked, bus mastering off, function reset).
 */
#ifndef SESSION_PCI_H
#define SESSION_PCI_H

#include "session.h"

/*
 * The policy, from init in SERVER_OPEN (session/parent.h) after the label, in place of arguments by
 * the client: word 4: PCI_POLICY_* flags, and in the upper half the processor that takes messages,
 * if the server may use it; word 5: number of rules; then two words for each rule: its kind
 * (PCI_RULE_*), and value | mask << 32. A function belongs to the session when it matches any rule,
 * no other session has it, and it is not reserved for another component (session/devices.h). Rules
 * by id and bdf must match something (NO_DEVICE otherwise), unless it is to be moved there.
 * Without an IOMMU and without PCI_POLICY_TRUSTED_DMA a session with a match is refused (NO_RIGHT),
 * the log says why. NO_RIGHT is also the answer if a function that a rule matches and one of
 * another session can reach each other past the IOMMU, and if a rule by id or bdf names a function
 * that cannot be given: the machine has IOMMUs, but none is between the function and memory;
 * firmware reserves memory for it (USB controllers excepted); the IOMMU cannot tell it from a
 * function of another session; another component had it before, it could not be reset, and
 * PCI_POLICY_USED is not set; its IOMMU does not answer. Rules by class and slot leave such a
 * function out, and the log says why. BUSY: another session has what a rule by id or bdf names, or
 * it may still reach memory of its previous owner. BAD_ARGUMENT: unknown flags or kinds of rules,
 * or too many. NO_MEMORY: more functions than a session can have, or than its bus has places for,
 * or the component has PCI_SESSIONS_MOST sessions.
 */
#define PCI_POLICY_TRUSTED_DMA 0x1 /* no IOMMU: the client's devices can reach all memory */
#define PCI_POLICY_USED 0x2	   /* also takes what another had and cannot be reset */
#define PCI_POLICY_PROCESSOR 32	   /* its lowest bit in word 4 */
#define PCI_POLICY_RULES 24
#define PCI_SESSIONS_MOST 3 /* of one component */
#define PCI_RULE_CLASS 1    /* class << 16 | subclass << 8 | interface, and a mask for it */
#define PCI_RULE_ID 2	    /* vendor | device << 16, and a mask for it */
#define PCI_RULE_BDF 3	    /* the host's bdf, mask 0xffff */
#define PCI_RULE_SLOT 4	    /* number of a slot, mask 0x1fff: what is in it or behind it */
/* Or-ed to one of these: only what is reserved for the component (DEVICES_MOVE). */
#define PCI_RULE_MOVED 0x100

/*
 * A request with a bdf that names none of the session's devices gets NO_DEVICE, except in
 * configuration space, where the function is absent: it reads as all ones, and writes are ignored.
 */

/* Word 0: index from 0. Reply: word 0 bdf, word 1 vendor | device << 16, word 2 class << 8 |
 * revision, word 3 PCI_DEVICE_*. NO_DEVICE: no more. */
#define PCI_DEVICE 1
#define PCI_DEVICE_THERE 0
#define PCI_DEVICE_LEAVING 1 /* it is to be taken out: release it within PCI_LEAVING_TIME */
#define PCI_DEVICE_GONE 2    /* it is not there any more, and waits to be released */
#define PCI_LEAVING_TIME 5000000000ull /* ns; then it is switched off */

/*
 * Words: bdf, offset (0..4095), size (1, 2, 4; aligned). Reply: word 0 value; all ones where there
 * is nothing. BAD_ARGUMENT is the only error.
 */
#define PCI_CONFIG_READ 2

/* Words: bdf, offset, size, value. What the filter refuses is ignored, as hardware ignores writes
 * to read-only fields. */
#define PCI_CONFIG_WRITE 3

/*
 * Words: bdf, index (0..5; 6 the expansion ROM). Reply: word 0 kind (PCI_BAR_*), word 1 bus
 * address, word 2 size in bytes, word 3 pages replaced: number of the page (in pages from the BAR's
 * start) holding the MSI-X table, or ~0, word 4 its count. Capability 0 for ports: the I/O port
 * range; memory comes by PCI_BAR_PIECE. NO_DEVICE: firmware assigned no address to this BAR, or to
 * another of the function's BARs of its kind. NO_RIGHT: it lies outside of the root bridge's
 * windows, or meets ports or registers of somebody else's function. The log says which. OVERLAP:
 * ports that the kernel uses itself. BUSY: another component was given some of its ports by
 * IO_PORT. BAD_ARGUMENT: no such index.
 */
#define PCI_BAR 4
#define PCI_BAR_NONE 0
#define PCI_BAR_MEMORY 1
#define PCI_BAR_PORTS 2
#define PCI_BAR_PREFETCHABLE 0x100 /* or-ed to the kind */
#define PCI_BAR_64BIT 0x200

/*
 * Memory BARs come in pieces, so that the MSI-X table's pages can be ordinary
 * memory. Words: bdf, BAR index, piece from 0. Reply: word 0 first page
 * of the BAR, word 1 pages, capability 0: the piece's memory object.
 * NO_DEVICE: no more. A BAR smaller than a page comes with the whole page it lies in, at
 * offset `bus address % page size`. NO_RIGHT: as above, or an MSI-X table lies in these pages.
 * OVERLAP: RAM, or beyond what the processor can address. BUSY: another component was given some of
 * these pages by IO_MEM. BAD_ARGUMENT: no such index.
 */
#define PCI_BAR_PIECE 5

/*
 * Word 0: bdf. Reply: capability 0: the interrupt (INTx), word 0: PURLIN_IRQ_* flags, word 1: GSI.
 * NO_DEVICE: the function has none, or it is not routed. NO_MEMORY: too many lines. BUSY: another
 * component was given the line by IRQ. Devices of others may be on the line, too: an owner that
 * does not ack silences its own device, not theirs. If the function lacks INTx Disable (PCI 2.3)
 * and its owner does not ack within 100 ms, it is taken away: from then on it is absent.
 */
#define PCI_INTX 6

/*
 * Allocate message-signalled interrupt `index` of the device and program its address and data.
 * Words: bdf, kind (PCI_MSI, PCI_MSIX), index. Reply: capability 0: the interrupt. MSI: as many as
 * the capability says, which is one where no IOMMU tells a function's messages apart; as many are
 * enabled as are allocated. MSI-X: those of the table. NO_DEVICE: any other index, or no vector
 * left. The client enables MSI or MSI-X by the control word in configuration space, as usual. BUSY:
 * allocated already. NO_MEMORY: the session has PCI_MSI_MOST, and what all sessions have beyond
 * that is PCI_MSI_SPARE for each processor of the server's. BAD_ARGUMENT: no such kind, or an index
 * that no table has.
 */
#define PCI_MSI_ALLOC 7
#define PCI_MSI_MOST 64
#define PCI_MSI_SPARE 128
#define PCI_MSI 0
#define PCI_MSIX 1

/* Words: bdf, kind, index. The interrupt object is destroyed, the table entry masked. NO_DEVICE:
 * not allocated. BAD_ARGUMENT: no such kind, or an index that no table has. */
#define PCI_MSI_FREE 8

/*
 * Make memory reachable by the session's devices; for reading only, if the capability lacks WRITE.
 * Capability 0: memory object with PHYSICAL. Word 0, if there is one: the bus address wanted for
 * its first byte, or PCI_DMA_ANYWHERE. Words 1 and 2, if there are: the first of its pages that is
 * meant, and how many; without them, all. Reply: word 0 its bus address: without an IOMMU the
 * physical one, whatever was wanted. The object stays pinned until PCI_DMA_UNMAP or the end of the
 * session. BAD_ARGUMENT: no memory object, not contiguous, without PHYSICAL, without such pages, or
 * wanted at an address where something is mapped already, where a root bridge has a window, or
 * where interrupts go (0xfee00000 to 0xfeefffff). NO_MEMORY: the session has PCI_DMA_MOST. (Neither
 * IOMMU nor `trusted-dma`: the session has no devices, see above.)
 */
#define PCI_DMA_MAP 9
#define PCI_DMA_MOST 64
#define PCI_DMA_ANYWHERE (~0ull)
/* Word 0: bus address. Bus mastering ends with the last mapping. BAD_ARGUMENT: not mapped. */
#define PCI_DMA_UNMAP 10

/* Word 0: bdf. Function-level reset, or what the function has instead; NO_DEVICE: no way to reset
 * it. */
#define PCI_RESET 11

/* Reply: bridge windows: word 0 count; then base, size, kind (PCI_BAR_MEMORY, |PREFETCHABLE,
 * PCI_BAR_PORTS) each: what the root bridge decodes. Of more than PCI_WINDOWS_MOST, those in which
 * devices of the session have BARs come first, and the rest is left out. */
#define PCI_WINDOWS 12
#define PCI_WINDOWS_MOST 19

/*
 * Accesses of the session's devices that the IOMMU stopped. Capability 0, if there is one: a signal
 * to be notified from now on, with the bits of its badge, when it stops one. Reply: word 0 how
 * often that happened; of the latest: word 1 bdf, word 2 address, word 3 reason (PCI_FAULT_*).
 * After PCI_FAULTS_MOST of them a device is no longer watched, but still stopped. Several at a time
 * may count as one.
 */
#define PCI_FAULTS 13
#define PCI_FAULTS_MOST 64
#define PCI_FAULT_REASON 0xff /* as the IOMMU says it */
#define PCI_FAULT_READ 0x100  /* not a write */
#define PCI_FAULT_ERROR 0x200 /* not the IOMMU: an error was reported at or above the device */
#define PCI_FAULT_FATAL 1     /* its reason: the link may be down; else the device goes on */

/*
 * Interrupts that came too often: their source was silenced, but no other. Capability 0, if there
 * is one: a signal to be notified from now on when that happens, with the bits of its badge; then
 * the source stays silent until PCI_STORM_RESUME. Without one it goes on after 10 ms. Reply: word 0
 * how often that happened; of the latest: word 1 bdf, word 2 kind (PCI_MSI, PCI_MSIX, PCI_LINE),
 * word 3 index.
 */
#define PCI_STORMS 14
#define PCI_LINE 2

/*
 * Words: bdf, kind, index. The source may send again. Of messages, one is delivered at once, since
 * one may have been lost; a line is delivered if its device still asserts it. NO_DEVICE: it is not
 * silenced. AGAIN: the 10 ms are not over yet. BAD_ARGUMENT: no such kind.
 */
#define PCI_STORM_RESUME 15

/*
 * Reply: capability 0: an interrupt, to be acked, that is delivered when a device has come that the
 * rules match, or when one of the session's devices is to leave or has gone (PCI_DEVICE). Each
 * request returns the same interrupt.
 */
#define PCI_CHANGES 16

/*
 * Take devices that the rules match and nobody has. Word 0: PCI_CLAIM_NEW: only devices that have
 * come since the start and that nobody has had yet; PCI_CLAIM_ANY: also devices that others have
 * given back. Reply: word 0 how many devices; PCI_DEVICE lists devices in the order of their bdf.
 * They are in the same state as devices at the start of a session. NO_DEVICE: there is none.
 * NO_MEMORY: there are too many. NO_RIGHT: as for a session. BAD_ARGUMENT: word 0 is neither.
 */
#define PCI_CLAIM 17
#define PCI_CLAIM_NEW 0
#define PCI_CLAIM_ANY 1

/*
 * Word 0: bdf. Give the device back, as at the end of the session: its interrupts and BARs end,
 * wherever they are, and it is reset. It belongs to the session no longer, whether it is still in
 * the machine or not. NO_DEVICE: the session has no such device.
 */
#define PCI_RELEASE 18

/*
 * From init, at the announced endpoint, for a component that init will start when there is a device
 * for it. Words as in SERVER_OPEN: label, policy. Capability 0: a signal to be notified with the
 * bits of its badge each time a device comes that the rules match; it replaces an earlier one of
 * the same label. Reply: word 0: PCI_AWAIT_* for devices that the rules match and nobody has now.
 * BAD_CAPABILITY: no signal came. NO_RIGHT: a signal without WRITE. BAD_ARGUMENT: as for a session.
 */
#define PCI_AWAIT 19
#define PCI_AWAIT_FREE 0x1 /* there is one */
#define PCI_AWAIT_NEW 0x2  /* one has come since the start and nobody has had it */

#endif
