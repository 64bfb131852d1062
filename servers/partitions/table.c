/* SPDX-License-Identifier: MIT */
/* Which partitions there are, and whose. */
#include "table.h"

#include <stdio.h>
#include <string.h>

#include "disk.h"

static struct share shares[RULES];
static unsigned int count;
static char disk_rule[PARENT_SERVES_BYTES];

static unsigned int number_read(const char *text)
{
	unsigned int number = 0;

	while (*text >= '0' && *text <= '9' && number <= PARTITIONS)
		number = number * 10 + (unsigned int)(*text++ - '0');
	return *text || number > PARTITIONS ? 0 : number;
}

static bool share_read(struct share *share)
{
	char *at = share->rule;
	const char *last;

	share->name = serves_word(&at);
	share->number = number_read(serves_word(&at));
	share->owner = serves_word(&at);
	last = serves_word(&at);
	share->read_only = !strcmp(last, "read-only");
	return share->number && *share->owner && (!*last || share->read_only) && !*at;
}

/* Who may write to a partition has it alone: another would see files change below it. */
static bool shared_unsafely(const struct share *share)
{
	for (const struct share *other = shares; other < share; other++)
		if (other->number == share->number && !(other->read_only && share->read_only))
			return true;
	return false;
}

const char *shares_read(const char **disk_label)
{
	char *at = disk_rule;
	purlin_s64 status = serves_read(0, disk_rule);

	*disk_label = at;
	if (status || strcmp(serves_word(&at), "disk"))
		return "the first rule of serves is not \"disk LABEL\"";
	*disk_label = serves_word(&at);
	for (count = 0;; count++) {
		char more[PARENT_SERVES_BYTES];

		status = serves_read(count + 1, count < RULES ? shares[count].rule : more);
		if (status == PURLIN_NO_DEVICE)
			return count ? NULL : "the description says no partitions (serves)";
		if (status || count == RULES)
			return "too many partitions";
		if (!share_read(&shares[count]))
			return "a rule of serves is not \"NAME NUMBER COMPONENT [read-only]\"";
		if (shared_unsafely(&shares[count]))
			return "a partition that is written to is for two components";
	}
}

const char *shares_find(void)
{
	static struct partition_table table;
	const char *problem = partitions_read(&table, disk_sectors(), disk_read, NULL);

	for (unsigned int i = 0; !problem && i < count; i++) {
		struct share *share = &shares[i];
		int length = snprintf(share->identity, sizeof(share->identity), "%s/%u",
				      disk_identity(), share->number);

		share->first = table.partition[share->number - 1].first;
		share->sectors = table.partition[share->number - 1].sectors;
		share->read_only |= !disk_writable();
		if (!share->sectors)
			problem = "the disk has no partition of a number that serves says";
		else if (length >= (int)sizeof(share->identity))
			problem = "the disk's identity leaves no room for a partition's";
	}
	return problem;
}

const struct share *share_of(const char *component, const char *name)
{
	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(shares[i].owner, component) && !strcmp(shares[i].name, name))
			return &shares[i];
	return NULL;
}
