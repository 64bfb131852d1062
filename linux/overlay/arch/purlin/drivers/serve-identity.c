// SPDX-License-Identifier: GPL-2.0
/*
 * Which device an identity names: "serial:TEXT" and "wwid:TEXT" by what the device, or one that it
 * is part of, says in the attribute of that name; "path:TEXT" by where it is, as the name of a
 * PCI function or of a port of USB says. None of these changes with the order in which Linux finds
 * devices.
 */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <scsi/scsi_device.h>
#include "serve-identity.h"

static ssize_t group_text(struct device *dev, const struct attribute_group *group,
			  const char *name, char *page)
{
	unsigned int i;

	for (i = 0; group->attrs && group->attrs[i]; i++) {
		struct attribute *attribute = group->attrs[i];
		struct device_attribute *of_device =
			container_of(attribute, struct device_attribute, attr);

		if (strcmp(attribute->name, name) || !of_device->show)
			continue;
		if (group->is_visible && !group->is_visible(&dev->kobj, attribute, i))
			continue;
		return of_device->show(dev, of_device, page);
	}
	return -ENOENT;
}

static ssize_t groups_text(struct device *dev, const struct attribute_group **groups,
			   const char *name, char *page)
{
	ssize_t ret = -ENOENT;

	for (; ret < 0 && groups && *groups; groups++)
		ret = group_text(dev, *groups, name, page);
	return ret;
}

/* What a read of the attribute in sysfs would show. */
static ssize_t attribute_text(struct device *dev, const char *name, char *page)
{
	ssize_t ret = groups_text(dev, (const struct attribute_group **)dev->groups, name, page);

	if (ret < 0 && dev->type)
		ret = groups_text(dev, (const struct attribute_group **)dev->type->groups, name,
				  page);
	return ret;
}

/* Serial numbers of SCSI and ATA disks: an attribute in binary (SPC-4, 7.8.15). */
static ssize_t scsi_serial(struct device *dev, char *page)
{
	ssize_t length = -ENOENT;
#if IS_REACHABLE(CONFIG_SCSI)
	struct scsi_vpd *vpd;

	if (!scsi_is_sdev_device(dev))
		return length;
	rcu_read_lock();
	vpd = rcu_dereference(to_scsi_device(dev)->vpd_pg80);
	if (vpd && vpd->len > 4) {
		length = min_t(int, vpd->len - 4, PAGE_SIZE - 1);
		memcpy(page, vpd->data + 4, length);
		page[length] = 0;
	}
	rcu_read_unlock();
#endif
	return length;
}

/* What it says under that name, in `page`, without blanks at the ends; NULL: nothing. */
static const char *said(struct device *dev, const char *name, char *page)
{
	ssize_t length = attribute_text(dev, name, page);

	if (length < 0 && !strcmp(name, "serial"))
		length = scsi_serial(dev, page);
	if (length <= 0 || length >= PAGE_SIZE)
		return NULL;
	page[length] = 0;
	page = strim(page);
	return *page ? page : NULL;
}

static bool says(struct device *dev, const char *name, const char *wanted, char *page)
{
	const char *text = said(dev, name, page);

	return text && !strcmp(text, wanted);
}

/* FNV-1a, of 64 bits. */
static u64 print_add(u64 print, const char *text)
{
	for (; *text; text++)
		print = (print ^ (u8)*text) * 0x100000001b3ULL;
	return print;
}

/*
 * Up to the part of the device that has a serial number. What lies above it, a hub or a controller,
 * is not the thing: it may be plugged in elsewhere.
 */
u64 purlin_identity_print(struct device *dev)
{
	static const char * const names[] = { "wwid", "serial" };
	char *page = (char *)get_zeroed_page(GFP_KERNEL);
	u64 print = 0xcbf29ce484222325ULL;
	const char *text = NULL;
	unsigned int i;

	for (; page && dev && !text; dev = dev->parent) {
		for (i = 0; i < ARRAY_SIZE(names); i++) {
			text = said(dev, names[i], page);
			print = text ? print_add(print, text) : print;
		}
		if (dev->type && !strcmp(dev->type->name ?: "", "usb_device"))
			break;
	}
	free_page((unsigned long)page);
	return print;
}

bool purlin_part_matches(const struct block_device *part, const char *name)
{
	const struct partition_meta_info *info = part->bd_meta_info;
	const char *wanted = strchr(name, ':');

	if (!info || !wanted)
		return false;
	wanted++;
	if (!strncmp(name, "part-uuid:", wanted - name))
		return !strncasecmp(wanted, info->uuid, sizeof(info->uuid));
	return !strncmp(name, "part-label:", wanted - name) &&
	       !strncmp(wanted, (const char *)info->volname, sizeof(info->volname));
}

bool purlin_identity_matches(struct device *dev, const char *identity)
{
	const char *wanted = strchr(identity, ':');
	char name[8] = { 0 }, *page;
	bool found = false;

	if (!wanted || wanted - identity >= sizeof(name))
		return false;
	memcpy(name, identity, wanted - identity);
	wanted++;
	page = (char *)get_zeroed_page(GFP_KERNEL);
	if (!page)
		return false;
	for (; dev && !found; dev = dev->parent)
		found = strcmp(name, "path") ? says(dev, name, wanted, page) :
					       !strcmp(dev_name(dev), wanted);
	free_page((unsigned long)page);
	return found;
}
