/* SPDX-License-Identifier: GPL-2.0 */
/* Trees that ask for it have a generic one. */
#include <asm-generic/ring_buffer.h>
