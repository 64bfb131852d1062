/* SPDX-License-Identifier: GPL-2.0 */
/* C prototypes of assembly functions that modules may use, for their symbol versions. */
#include <linux/uaccess.h>
#include <asm/checksum.h>
#include <asm/page.h>
#include <asm/string.h>
#include <asm-generic/asm-prototypes.h>
