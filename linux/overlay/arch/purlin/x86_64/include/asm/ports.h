/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_PORTS_H
#define _ASM_PURLIN_PORTS_H

/* Accesses to these ports go to the capability in `slot` from now on. */
int purlin_ports_add(unsigned int first, unsigned int count, unsigned int slot);
/* Whoever used those that begin there does so no more: the slot, to be given back, or 0. */
unsigned int purlin_ports_remove(unsigned int first);

#endif
