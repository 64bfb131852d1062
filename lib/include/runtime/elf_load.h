/* SPDX-License-Identifier: MIT */
/* Loading programs. */
#ifndef RUNTIME_ELF_LOAD_H
#define RUNTIME_ELF_LOAD_H

#include <stddef.h>

#include "purlin/types.h"

/*
 * Load a program into an empty PD. Its memory is one object, paid by
 * `account`, in a fresh slot, *memory: to be kept as long as the PD lives.
 */
purlin_s64 elf_load(const void *image, size_t bytes, purlin_u64 account, purlin_u64 pd,
		    purlin_u64 *memory, purlin_u64 *entry);

#endif
