/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Devices: who has which PCI function, for tools that show it, and who is to have it. Server: the
 * platform component. All answers come from what the server has recorded: no request touches a
 * device.
 *
 * A component with `control` sees its own functions and those of the components that it may act on,
 * and also functions that were last refused to one of these or are reserved for one; with `moves`,
 * what nobody has, too. Components without `control` see everything. The label of a component that
 * a session may not see is left out. NO_MEMORY: too many sessions that do not see everything.
 */
#ifndef SESSION_DEVICES_H
#define SESSION_DEVICES_H

#include "session.h"

/*
 * In SERVER_OPEN init adds these words after the label: the number of names that follow, and
 * DEVICES_MAY_MOVE where the component's description has `moves`, or DEVICES_ALL; then the names of
 * components, 2 words each: its own, then those of `control` in their order.
 */
#define DEVICES_ALL (~0ull)
#define DEVICES_MAY_MOVE (1ull << 32)
#define DEVICES_NAMES 27 /* at most */
#define DEVICES_NAME_WORDS 2

/* Reply: word 0 number of changes, word 1 functions, word 2 PCI sessions, words 3..4 the kind of
 * IOMMU, "none" without one. */
#define DEVICES_MACHINE 1
#define DEVICES_KIND_BYTES 16

/*
 * Word 0: index. Reply: words 0..31 as DEVICES_FUNCTION_* says. Functions are named by the host's
 * bdf, and come in the order in which they were found.
 */
#define DEVICES_FUNCTION 2
#define DEVICES_FUNCTION_BDF 0
#define DEVICES_FUNCTION_ID 1	 /* vendor | device << 16 */
#define DEVICES_FUNCTION_CLASS 2 /* class << 8 | revision */
#define DEVICES_FUNCTION_FLAGS 3
#define DEVICES_PLATFORM 0x1	/* never assigned: bridges, and functions of their class */
#define DEVICES_OWNED 0x2	/* a session has it */
#define DEVICES_QUARANTINED 0x4 /* nobody gets it: it may still reach memory */
#define DEVICES_RESERVED 0x8	/* for a component by DEVICES_MOVE, which has it or is to have it */
#define DEVICES_MOVING 0x10	/* its owner is to give it back, for another component */
#define DEVICES_FUNCTION_RESETS 4
#define DEVICES_RESET_FUNCTION 0x1 /* function level */
#define DEVICES_RESET_AF 0x2	   /* by Advanced Features */
#define DEVICES_RESET_POWER 0x4	   /* D3hot and back */
#define DEVICES_FUNCTION_GROUP 5   /* the first of those that reach each other past the IOMMU */
#define DEVICES_FUNCTION_SEEN 6	   /* owned: its bdf as the owner sees it */
#define DEVICES_FUNCTION_FAULTS 7  /* owned: how often the IOMMU stopped it */
#define DEVICES_FUNCTION_OWNER 8   /* owned: label of the session, 4 words */
#define DEVICES_FUNCTION_CLIENT 12 /* who was last refused it, or part of it; else empty */
#define DEVICES_FUNCTION_REASON 16 /* the reason */
#define DEVICES_REASON_BYTES 128

/* Words: index of the function, index of the BAR (0..5; 6 the expansion ROM). Reply: word 0
 * address, word 1 size in bytes, 0: none, word 2 PCI_BAR_* of session/pci.h. */
#define DEVICES_BAR 3

/* Word 0: index. An interrupt that a session has. Reply: word 0 the host's bdf, word 1 DEVICES_LINE
 * or PCI_MSI, PCI_MSIX of session/pci.h, word 2 number (of a line: its GSI), word 3 how often it
 * was delivered, word 4 how often it came too fast and was held back. */
#define DEVICES_INTERRUPT 4
#define DEVICES_LINE 2

/* Word 0: index. What the devices of a session reach. Reply: words 0..3 label, word 4 devices, word
 * 5 mappings, word 6 pages, word 7 how often the IOMMU stopped its devices; of the last time: word
 * 8 the owner's bdf, word 9 address, word 10 reason (PCI_FAULT_* of session/pci.h). */
#define DEVICES_DOMAIN 5

/*
 * Have another component have a function, and all of its group (DEVICES_FUNCTION_GROUP). Words: the
 * host's bdf, and the number of a name in SERVER_OPEN. The reply says that it is begun. The
 * functions are reserved for that component from then on, whatever other components' rules say,
 * until they are moved again, leave their slot, or the server starts anew. An owner is asked to
 * give them back, as before something is taken out (PCI_DEVICE_LEAVING); after PCI_LEAVING_TIME
 * they are taken away from it (PCI_DEVICE_GONE). Who is to have them is told as of a device that
 * comes, once the owner has given them back or has ended.
 *
 * NO_DEVICE: the session sees no such function. BAD_ARGUMENT: no such name. AGAIN: the component of
 * that name does not run, nor waits for its device. NO_RIGHT: the session may not move; or no rule
 * of that component's `pci` means one of the functions; or one cannot be reset, another component
 * has had it, and the description lacks `used-devices`. BUSY: one of them may still reach memory,
 * leaves its slot, or is or is to be a component's that this session does not see.
 */
#define DEVICES_MOVE 6

#endif
