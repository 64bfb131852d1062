/* SPDX-License-Identifier: MIT */
/* Where the guest with one vCPU has what, and its checks of mappings. */
#ifndef GUEST_MAPPINGS_H
#define GUEST_MAPPINGS_H

#include "purlin/types.h"

/* The process: code, memory to write, nothing. */
#define CODE 0x400000ull
#define DATA 0x500000ull
#define HOLE 0x600000ull
#define KERNEL_HOLE 0xffff900000000000ull
#define FRAMES 0x200000ull /* guest-physical pages for the process */
#define SPACE_ONE 100
#define SPACE_TWO 101

#define RW (PURLIN_MAP_READ | PURLIN_MAP_WRITE)
#define RX (PURLIN_MAP_READ | PURLIN_MAP_EXECUTE)

#define TABLE (FRAMES + 0x8000) /* the guest's own page table */
#define ENTRY (PURLIN_ENTRY_PRESENT | PURLIN_ENTRY_ACCESSED | PURLIN_ENTRY_NO_EXECUTE)
#define WRITABLE_ENTRY (ENTRY | PURLIN_ENTRY_WRITE | PURLIN_ENTRY_DIRTY)

/* Entries of the guest's own table, from the one of that number on. */
void note_table(purlin_u64 virtual_address, purlin_u64 pages, purlin_u64 first);
/* In guest kernel mode. */
purlin_u64 kernel_load(const purlin_u64 *from);
purlin_u64 kernel_store(purlin_u64 *to, purlin_u64 value);
void kernel_execute(purlin_u64 address);
/* 0: no exception. */
purlin_u64 vector_of_load(purlin_u64 address);

void check_mappings(void);
void check_table(void);
void check_large(void);
void check_spaces(void);

#endif
