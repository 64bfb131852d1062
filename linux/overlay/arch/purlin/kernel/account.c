// SPDX-License-Identifier: GPL-2.0
/*
 * /sys/kernel/purlin: what the microkernel spends on this Linux, beside its RAM, and
 * how much that may become. Page tables of processes are a cache in there: they make
 * room for each other when the rest is used up.
 */
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/mm.h>
#include <linux/sysfs.h>
#include <purlin/boot.h>
#include <purlin/calls.h>

#define KB_PER_PAGE	(PAGE_SIZE / 1024)

static ssize_t show_beside_ram(char *buffer, purlin_u64 pages)
{
	return sysfs_emit(buffer, "%lu\n", (pages - get_num_physpages()) * KB_PER_PAGE);
}

static ssize_t microkernel_kb_show(struct kobject *object, struct kobj_attribute *attribute,
				   char *buffer)
{
	purlin_u64 limit, used;

	if (purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &used))
		return -EIO;
	return show_beside_ram(buffer, used);
}

static ssize_t microkernel_most_kb_show(struct kobject *object,
					struct kobj_attribute *attribute, char *buffer)
{
	purlin_u64 limit, used;

	if (purlin_account_info(PURLIN_SLOT_ACCOUNT, &limit, &used))
		return -EIO;
	return show_beside_ram(buffer, limit);
}

static ssize_t ram_kb_show(struct kobject *object, struct kobj_attribute *attribute,
			   char *buffer)
{
	return sysfs_emit(buffer, "%lu\n", get_num_physpages() * KB_PER_PAGE);
}

static struct kobj_attribute microkernel_kb = __ATTR_RO(microkernel_kb);
static struct kobj_attribute microkernel_most_kb = __ATTR_RO(microkernel_most_kb);
static struct kobj_attribute ram_kb = __ATTR_RO(ram_kb);

static const struct attribute *attributes[] = {
	&microkernel_kb.attr,
	&microkernel_most_kb.attr,
	&ram_kb.attr,
	NULL
};

static int __init account_init(void)
{
	struct kobject *folder = kobject_create_and_add("purlin", kernel_kobj);

	return folder ? sysfs_create_files(folder, attributes) : -ENOMEM;
}
late_initcall(account_init);
