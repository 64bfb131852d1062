/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * ROM: read-only modules: the members of the boot bundle, by name, and
 * ROM_BOOT_INFO. Server: core. All clients of a module share one copy.
 */
#ifndef SESSION_ROM_H
#define SESSION_ROM_H

#include "session.h"

/*
 * Words 0..3: name. Reply: word 0: size in bytes; capability 0: memory object with
 * READ, zero bytes after the end. NO_DEVICE: no such module. BAD_ARGUMENT: it is empty.
 * NO_MEMORY: no room for the copy.
 */
#define ROM_MODULE 1

/* This name gives struct purlin_boot_info (purlin/boot.h) as the kernel gave it to core. */
#define ROM_BOOT_INFO "boot_info"

#endif
