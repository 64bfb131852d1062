/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_PORTS_H
#define _ASM_PURLIN_PORTS_H

/* Accesses to these ports go to the capability in `slot` from now on. */
int purlin_ports_add(unsigned int first, unsigned int count, unsigned int slot);

#endif
