/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_SETUP_H
#define _ASM_PURLIN_SETUP_H

#include <uapi/asm/setup.h>

#define COMMAND_LINE_SIZE 2048

#endif
