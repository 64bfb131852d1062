/* SPDX-License-Identifier: MIT */
/*
 * One lock for the kernel: taken at every entry but the direct switch
 * between a guest's user and kernel mode, released at exit. While waiting for
 * it a processor answers TLB shoot-downs, so the holder may wait for those.
 */
#ifndef CORE_LOCK_H
#define CORE_LOCK_H

void kernel_lock(void);
void kernel_unlock(void);

#endif
