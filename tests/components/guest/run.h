/* SPDX-License-Identifier: MIT */
/* A guest that plays a part (report.h): made, run to its end, destroyed; lines of what came out. */
#ifndef GUEST_TEST_RUN_H
#define GUEST_TEST_RUN_H

#include <stdbool.h>

#include "report.h"

struct guest {
	purlin_u64 account, pd, vcpu, memory, extra, ended;
	char *ram;
};

extern unsigned int passed, failed;

void line(const char *name, bool ok, purlin_u64 got, purlin_u64 want);
void must(purlin_s64 result, const char *what);

void guest_make(struct guest *guest, enum guest_mode mode);
void guest_start(const struct guest *guest, enum guest_mode mode);
/* Start it, wait for its end; the state pd_status tells. */
purlin_u64 guest_play(struct guest *guest, enum guest_mode mode, purlin_u64 *reason);
void guest_end(struct guest *guest);
/* What is left when its PD and its account have been destroyed, or only the latter. */
void guest_forget(struct guest *guest);

/* All of that, and the lines that the guest has left in its report. */
void play_checks(enum guest_mode mode);

#endif
