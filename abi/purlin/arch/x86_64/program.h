/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* x86-64: what programs and guest images are like. */
#ifndef PURLIN_ARCH_PROGRAM_H
#define PURLIN_ARCH_PROGRAM_H

/* e_machine of the ELF header (System V ABI, x86-64 supplement, 4.1). */
#define PURLIN_ELF_MACHINE 62

#endif
