/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_CHECKSUM_H
#define _ASM_PURLIN_CHECKSUM_H

#define _HAVE_ARCH_COPY_AND_CSUM_FROM_USER 1
#define HAVE_CSUM_COPY_USER
#define _HAVE_ARCH_CSUM_AND_COPY
#include "../../../../x86/include/asm/checksum_64.h"

#endif
