/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _PURLIN_MM_HOTPLUG_H
#define _PURLIN_MM_HOTPLUG_H

#include <linux/errno.h>

/* Note which pages hold the struct pages from an address on, for vmemmap_free(). */
#ifdef CONFIG_MEMORY_HOTPLUG
int vmemmap_note(unsigned long start, void *pages);
#else
static inline int vmemmap_note(unsigned long start, void *pages)
{
	return 0;
}
#endif

#endif /* _PURLIN_MM_HOTPLUG_H */
