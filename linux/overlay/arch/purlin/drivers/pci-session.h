/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _PURLIN_PCI_SESSION_H
#define _PURLIN_PCI_SESSION_H

/* linux/pci.h has a macro of this name, for the tables of drivers. */
#undef PCI_DEVICE
#include <session/pci.h>

#endif /* _PURLIN_PCI_SESSION_H */
