/* SPDX-License-Identifier: MIT */
/*
 * A model of processors with x86-64 page tables: TLBs that forget nothing but what they are told
 * to forget. Whoever frees a page that one of them still reaches, or takes a right away that one
 * of them still grants, is found.
 */
#ifndef TESTS_FUZZ_KERNEL_MODEL_X86_H
#define TESTS_FUZZ_KERNEL_MODEL_X86_H

#include "base/types.h"

struct guest;
struct space;
struct thread;

/* Nothing cached, all processors idle in the kernel's root. */
void model_reset(void);
/* A program on this processor reaches for an address; false: page fault. */
bool model_touch(unsigned int cpu, uint64_t address, bool write);
/* The TLBs grant nothing that the tables do not grant any more. */
void model_tlb_check(void);
/* Put a thread on the processor as a switch does (NULL: idle). */
void model_run(unsigned int cpu, struct thread *thread);
/* The leaf entry for an address below a root; 0: not present. *level: of the entry. */
uint64_t model_entry(struct physical root, uint64_t address, unsigned int *level);

#endif
