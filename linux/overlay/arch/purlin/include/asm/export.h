/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_EXPORT_H
#define _ASM_PURLIN_EXPORT_H

#if __has_include(<asm-generic/export.h>)
#include <asm-generic/export.h>
#else
#include <linux/export.h>
#endif

#endif
