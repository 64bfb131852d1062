/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Devices: who has which PCI function, for tools that show it. Server: the platform component. A
 * session only reads. All answers come from what the server has recorded: no request touches a
 * device.
 *
 * A component with `control` sees its own functions and those of the components that it may act on,
 * and also functions that were last refused to one of these. Components without `control` see
 * everything. The label of a component that a session may not see is left out. NO_MEMORY: too many
 * sessions that do not see everything.
 *
 * Lists are read by index from 0 until NO_DEVICE. They may change between two requests; in that
 * case the number of changes in DEVICES_MACHINE has grown, and the reader has to start again.
 */
#ifndef SESSION_DEVICES_H
#define SESSION_DEVICES_H

#include "session.h"

/*
 * In SERVER_OPEN init adds these words after the label: the number of names that follow, or
 * DEVICES_ALL; then the names of components, 2 words each.
 */
#define DEVICES_ALL (~0ull)
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

#endif
