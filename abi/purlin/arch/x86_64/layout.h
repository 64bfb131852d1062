/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/* x86-64: addresses that kernel and user level agree on. */
#ifndef PURLIN_ARCH_LAYOUT_H
#define PURLIN_ARCH_LAYOUT_H

/*
 * Where the message buffer of a program's first thread is mapped: by the kernel
 * in core, by init in all others. First threads start with RSP 0 and bring
 * their own stack. Guests have none: theirs lies in the state page.
 */
#define PURLIN_FIRST_MESSAGE 0x00007fffffff0000

/*
 * The last page of the lower half belongs to nobody: an instruction at its very end would have a
 * RIP after it that is not canonical.
 */
#define PURLIN_GUEST_USER_END 0x00007ffffffff000
#define PURLIN_GUEST_KERNEL_BASE 0xffff880000000000 /* PML4 slot 272 */
/* 0xffff800000000000 .. 0xffff87ffffffffff is the kernel's own. */

#endif
