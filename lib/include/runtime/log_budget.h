/* SPDX-License-Identifier: MIT */
/*
 * Lines in one component's log that another one can cause at will: each source may cause
 * LOG_BUDGET_LINES at once and one more each second. The next line that is written for it says how
 * many were dropped.
 */
#ifndef RUNTIME_LOG_BUDGET_H
#define RUNTIME_LOG_BUDGET_H

#include <stdbool.h>

#include "purlin/types.h"

#define LOG_BUDGET_LINES 20
#define LOG_BUDGET_NAME 32

struct log_budget {
	char source[LOG_BUDGET_NAME]; /* set by log_budget_of */
	purlin_u64 since;	      /* TSC: up to then lines have come back */
	unsigned int spent, dropped;
};

/* May one more be written? *dropped: so many were not, tell that first. `now`, `hz`: of the TSC. */
bool log_budget_take(struct log_budget *budget, purlin_u64 now, purlin_u64 hz,
		     unsigned int *dropped);

/* That of the source whose name begins the label, up to a slash. Sources beyond LOG_BUDGETS share
 * the last one. For one thread, or under a lock of the caller's. */
#define LOG_BUDGETS 40
struct log_budget *log_budget_of(const char *label);

/* As log_budget_take, for the source of the label; prints the line about those dropped. */
bool log_budget_allows(const char *label, purlin_u64 now, purlin_u64 hz);

#endif
