/* SPDX-License-Identifier: MIT */
/*
 * No-ops with a recognisable displacement: the plugins (plugin.h) see them executed. Hardware and
 * kernels do not.
 */
#ifndef BENCH_MARK_H
#define BENCH_MARK_H

#define MARK(number) __asm__ volatile("nopl 0x55420000 + " #number "(%%rax)" ::: "memory")
#define MARK_BEGIN() MARK(1)
#define MARK_END() MARK(2)
#define MARK_REPORT() MARK(3)
#define MARK_RESET() MARK(4) /* the sums so far belong to a rehearsal */

#endif
