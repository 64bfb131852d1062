/* SPDX-License-Identifier: MIT */
/* What the calls of the target `calls` are made with: numbers and arguments as the input says, most
 * of them possible. */
#ifndef TESTS_FUZZ_KERNEL_CHOICES_H
#define TESTS_FUZZ_KERNEL_CHOICES_H

#include "system.h"

#include "purlin/vcpu.h"

#define CPUS 2
#define SLOTS 48       /* that calls speak of */
#define FIRST_NEW 16   /* the caller's new objects go here */
#define GUEST_SPACE 16 /* of the guest's own table */
#define GUEST_PAGES 32

/* A call that ends with the caller waiting, or not at all. */
bool call_blocks(uint64_t number);
uint64_t call_number(const struct thread *caller);
void call_arguments(const struct thread *caller, uint64_t number, uint64_t argument[6]);

/* A guest notes a change of its mappings, or changes a table of its own. */
void batch_write(struct purlin_vcpu_state *state);
void table_write(uint64_t *table);

#endif
