/* SPDX-License-Identifier: GPL-2.0 */
/* Included by x86's compiler of BPF, which asks for nothing of it: frame pointers are followed. */
