/* SPDX-License-Identifier: GPL-2.0 */
/* Included by x86's kprobes, which asks for nothing of it: descriptors are the microkernel's. */
