/* SPDX-License-Identifier: MIT */
/* Budgets of log lines. */
#include "runtime/log_budget.h"

#include <stdio.h>
#include <string.h>

/*
 * One line comes back for each whole second. `since` moves on by whole seconds, too, so that a
 * source which asks often does not lose the fractions.
 */
static void refill(struct log_budget *budget, purlin_u64 now, purlin_u64 hz)
{
	purlin_u64 seconds = now > budget->since ? (now - budget->since) / hz : 0;

	budget->spent -= seconds < budget->spent ? (unsigned int)seconds : budget->spent;
	budget->since = budget->spent ? budget->since + seconds * hz : now;
}

bool log_budget_take(struct log_budget *budget, purlin_u64 now, purlin_u64 hz,
		     unsigned int *dropped)
{
	*dropped = 0;
	refill(budget, now, hz);
	if (budget->spent == LOG_BUDGET_LINES) {
		budget->dropped++;
		return false;
	}
	budget->spent++;
	*dropped = budget->dropped;
	budget->dropped = 0;
	return true;
}

/* A fixed table: sources are named by clients, so it must not grow with them. */
struct log_budget *log_budget_of(const char *label)
{
	static struct log_budget budgets[LOG_BUDGETS];
	char source[LOG_BUDGET_NAME] = { 0 };
	unsigned int i = 0;

	for (; i < LOG_BUDGET_NAME - 1 && label[i] && label[i] != '/'; i++)
		source[i] = label[i];
	for (i = 0; i < LOG_BUDGETS - 1 && budgets[i].source[0]; i++)
		if (!strcmp(budgets[i].source, source))
			return &budgets[i];
	if (i < LOG_BUDGETS - 1)
		strcpy(budgets[i].source, source);
	return &budgets[i];
}

bool log_budget_allows(const char *label, purlin_u64 now, purlin_u64 hz)
{
	struct log_budget *budget = log_budget_of(label);
	unsigned int dropped;

	if (!log_budget_take(budget, now, hz, &dropped))
		return false;
	if (dropped)
		printf("%s: %u lines about it were dropped\n", label, dropped);
	return true;
}
