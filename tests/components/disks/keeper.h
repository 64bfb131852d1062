/* SPDX-License-Identifier: MIT */
/* Keeper: memory that outlives its users. KEEPER_MEMORY: reply: capability 0: the memory object. */
#ifndef DISKS_KEEPER_H
#define DISKS_KEEPER_H

#define KEEPER_MEMORY 1
#define KEEPER_PAGES 1024

#endif
