/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_SEGMENT_H
#define _ASM_PURLIN_SEGMENT_H

#define __USER_CS	0x33
#define __USER_DS	0x2b
/* Stand for guest kernel mode in pt_regs; never loaded into a register. */
#define __KERNEL_CS	0x10
#define __KERNEL_DS	0x18

#endif
