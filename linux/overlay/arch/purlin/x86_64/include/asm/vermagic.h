/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_VERMAGIC_H
#define _ASM_PURLIN_VERMAGIC_H

#define MODULE_ARCH_VERMAGIC "purlin "

#endif
