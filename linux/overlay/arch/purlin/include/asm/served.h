/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _ASM_PURLIN_SERVED_H
#define _ASM_PURLIN_SERVED_H

/* Word 3: requests for the devices that this Linux serves, by their numbers (drivers/serve.c). */
#define PURLIN_EVENT_SERVED	192

#endif /* _ASM_PURLIN_SERVED_H */
