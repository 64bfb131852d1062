/* SPDX-License-Identifier: MIT */
/*
 * Memory of tables for models of IOMMUs: physical addresses are those of this process. And what
 * such a model's machine has beside.
 */
#ifndef TESTS_PLATFORM_FAKE_TABLES_H
#define TESTS_PLATFORM_FAKE_TABLES_H

/* Pages of tables that are in use. */
extern unsigned int fake_table_pages;
/* So many may still be had. */
extern unsigned int fake_table_most;

/* I/O APICs of MADT; 0: there is no MADT. Ids from 1 on, 24 lines each. */
extern unsigned int fake_ioapics;

void fake_tables_clear(void);

#endif
