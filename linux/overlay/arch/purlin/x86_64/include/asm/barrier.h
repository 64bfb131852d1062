/* SPDX-License-Identifier: GPL-2.0 */
#include <asm/waiting.h>
#include "../../../../x86/include/asm/barrier.h"
