/* SPDX-License-Identifier: MIT */
/* On the host every entry for a guest is checked, in every test. */
#ifndef ARCH_CHECKS_H
#define ARCH_CHECKS_H

#include "base/types.h"

struct guest;

/* An entry that maps so many bytes is about to be written for this guest. */
void checks_guest_entry(const struct guest *guest, uint64_t entry, uint64_t bytes);

#endif
