// SPDX-License-Identifier: GPL-2.0
/* The disk that a client wants, by its identity, and what the client is told of it. */
#include <linux/blkdev.h>
#include <linux/device.h>
#include <linux/file.h>
#include <linux/major.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <uapi/linux/virtio_blk.h>
#include <uapi/linux/virtio_ids.h>
#include "serve.h"
#include "serve-block.h"
#include "serve-file.h"
#include "serve-identity.h"

#define QUEUE_SIZE	256
#define CONFIG_BYTES	60	/* as far as discard and write-zeroes go */

static LIST_HEAD(disks_open);
static DEFINE_MUTEX(disks_lock);	/* of the list */

#ifdef PURLIN_TREE_HAS_BDEV_FILE
static int disk_open(struct purlin_disk *disk, dev_t number, const struct purlin_served *served)
{
	disk->file = bdev_file_open_by_dev(number, BLK_OPEN_READ |
					   (served->read_only ? 0 : BLK_OPEN_WRITE),
					   disk, NULL);
	if (IS_ERR(disk->file))
		return PTR_ERR(disk->file);
	disk->bdev = file_bdev(disk->file);
	return 0;
}

static void disk_close(struct purlin_disk *disk)
{
	fput(disk->file);
}
#else
#define MODE	(FMODE_READ | FMODE_WRITE | FMODE_EXCL)

static int disk_open(struct purlin_disk *disk, dev_t number, const struct purlin_served *served)
{
	disk->bdev = blkdev_get_by_dev(number, MODE & ~(served->read_only ? FMODE_WRITE : 0),
				       disk);
	return PTR_ERR_OR_ZERO(disk->bdev);
}

static void disk_close(struct purlin_disk *disk)
{
	blkdev_put(disk->bdev, MODE);
}
#endif

/* The one disk that the identity names; the caller puts it. */
static struct device *whole_find(const char *identity, const char **problem)
{
	struct device *dev, *whole = NULL;
	struct class_dev_iter iter;
	unsigned int found = 0;

	class_dev_iter_init(&iter, &block_class, NULL, &disk_type);
	while ((dev = class_dev_iter_next(&iter))) {
		if (!purlin_identity_matches(dev, identity))
			continue;
		if (!found++)
			whole = get_device(dev);
	}
	class_dev_iter_exit(&iter);
	if (found < 2)
		return whole;
	*problem = "several disks have that name";
	put_device(whole);
	return NULL;
}

/* The one partition of that name. */
static int part_find(struct gendisk *whole, const char *name, dev_t *number, const char **problem)
{
	struct block_device *part;
	unsigned int found = 0;
	unsigned long i;

	rcu_read_lock();
	xa_for_each_start(&whole->part_tbl, i, part, 1) {
		if (!purlin_part_matches(part, name))
			continue;
		*number = part->bd_dev;
		found++;
	}
	rcu_read_unlock();
	if (found == 1)
		return 0;
	*problem = found ? "several partitions of the disk have that name" :
			   "the disk has no partition of that name";
	return -EINVAL;
}

static int number_find(const struct purlin_served *served, dev_t *number, u64 *print,
		       const char **problem)
{
	struct device *whole = whole_find(served->identity, problem);
	int ret = 0;

	if (!whole)
		return -ENODEV;
	*print = purlin_identity_print(whole);
	if (*served->part)
		ret = part_find(dev_to_disk(whole), served->part, number, problem);
	else
		*number = whole->devt;
	put_device(whole);
	return ret;
}

/* In place of the disk or partition: a file that is on it. */
static int file_find(struct purlin_served *served, dev_t *number, u64 *print,
		     const char **problem)
{
	int ret = served->backing ? 0 : purlin_file_prepare(served);

	return ret ?: purlin_file_find(served, *number, number, print, problem);
}

static void describe_ranges(struct purlin_serve_info *info, struct block_device *bdev)
{
	struct virtio_blk_config *config = (void *)info->config;
	u32 block = bdev_logical_block_size(bdev) >> SECTOR_SHIFT;

	if (bdev_max_discard_sectors(bdev)) {
		info->features |= BIT_ULL(VIRTIO_BLK_F_DISCARD);
		config->max_discard_sectors = (__force __virtio32)cpu_to_le32(PURLIN_DISK_RANGE);
		config->max_discard_seg = (__force __virtio32)cpu_to_le32(1);
		config->discard_sector_alignment = (__force __virtio32)cpu_to_le32(block);
	}
	if (bdev_write_zeroes_sectors(bdev)) {
		info->features |= BIT_ULL(VIRTIO_BLK_F_WRITE_ZEROES);
		config->max_write_zeroes_sectors =
			(__force __virtio32)cpu_to_le32(PURLIN_DISK_RANGE);
		config->max_write_zeroes_seg = (__force __virtio32)cpu_to_le32(1);
	}
}

/* Another place on the disk is another thing, too, whatever its name. */
static u64 place_print(u64 print, struct block_device *bdev)
{
	return print ^ get_start_sect(bdev) * 0x9e3779b97f4a7c15ULL;
}

static void describe(struct purlin_served *served, u64 print)
{
	struct block_device *bdev = ((struct purlin_disk *)served->device)->bdev;
	struct purlin_serve_info *info = &served->info;
	struct virtio_blk_config *config = (void *)info->config;

	served->read_only |= bdev_read_only(bdev);
	*info = (struct purlin_serve_info){
		.type = VIRTIO_ID_BLOCK,
		.features = VIRTIO_FEATURE_VERSION_1 | VIRTIO_FEATURE_INDIRECT |
			    VIRTIO_FEATURE_LENT |
			    BIT_ULL(VIRTIO_BLK_F_SIZE_MAX) | BIT_ULL(VIRTIO_BLK_F_SEG_MAX) |
			    BIT_ULL(VIRTIO_BLK_F_BLK_SIZE) | BIT_ULL(VIRTIO_BLK_F_FLUSH),
		.queues = 1,
		.queue_size = QUEUE_SIZE,
		.config_bytes = CONFIG_BYTES,
		.print = place_print(print, bdev),
	};
	if (served->read_only)
		info->features |= BIT_ULL(VIRTIO_BLK_F_RO);
	else
		describe_ranges(info, bdev);
	config->capacity = (__force __virtio64)cpu_to_le64(bdev_nr_sectors(bdev));
	config->size_max = (__force __virtio32)cpu_to_le32(PURLIN_DISK_LENGTH);
	config->seg_max = (__force __virtio32)cpu_to_le32(PURLIN_DISK_SEGMENTS);
	config->blk_size = (__force __virtio32)cpu_to_le32(bdev_logical_block_size(bdev));
}

/* Ours alone: nobody in this Linux mounts what somebody else writes. */
static int number_open(const struct purlin_served *served, struct purlin_disk *disk, dev_t number,
		       const char **problem)
{
	int ret = disk_open(disk, number, served);

	if (ret == -EBUSY)
		*problem = "this Linux has it open, or other rules the whole or a part";
	if (ret)
		return ret;
	if (*served->file && !purlin_file_fits(served, bdev_nr_sectors(disk->bdev))) {
		*problem = "the file's size has changed";
		ret = -EINVAL;
	} else if (!bdev_nr_sectors(disk->bdev)) {
		ret = -ENODEV;
	}
	if (ret)
		disk_close(disk);
	return ret;
}

int purlin_disk_find(struct purlin_served *served, const char **problem)
{
	struct purlin_disk *disk;
	dev_t number, under;
	u64 print = 0;
	int ret = number_find(served, &number, &print, problem);

	under = number;
	if (!ret && *served->file)
		ret = file_find(served, &number, &print, problem);
	if (ret)
		return ret;
	disk = kzalloc(sizeof(*disk), GFP_KERNEL);
	ret = disk ? number_open(served, disk, number, problem) : -ENOMEM;
	if (ret) {
		kfree(disk);
		if (*served->file)
			purlin_file_fail(served, *problem ?: "its loop device cannot be opened");
		return ret;
	}
	disk->under = under;
	mutex_lock(&disks_lock);
	list_add(&disk->list, &disks_open);
	mutex_unlock(&disks_lock);
	served->device = disk;
	describe(served, print);
	return 0;
}

bool purlin_disk_gone(struct purlin_served *served)
{
	return READ_ONCE(((struct purlin_disk *)served->device)->gone);
}

void purlin_disk_lose(struct purlin_served *served)
{
	struct purlin_disk *disk = served->device;

	mutex_lock(&disks_lock);
	list_del(&disk->list);
	mutex_unlock(&disks_lock);
	disk_close(disk);
	kfree(disk);
	if (*served->file)
		purlin_file_lose(served);
}

static void device_gone(struct device *dev)
{
	struct purlin_disk *disk;

	mutex_lock(&disks_lock);
	list_for_each_entry(disk, &disks_open, list)
		if (disk->bdev->bd_dev == dev->devt || disk->under == dev->devt)
			WRITE_ONCE(disk->gone, true);
	mutex_unlock(&disks_lock);
	purlin_files_went(dev->devt);
	purlin_serve_look();
}

#ifdef PURLIN_TREE_INTERFACE_BY_DEVICE
static int disk_came(struct device *dev)
#else
static int disk_came(struct device *dev, struct class_interface *interface)
#endif
{
	/* The devices that we make of files bring nothing new. */
	if (MAJOR(dev->devt) != LOOP_MAJOR)
		purlin_files_came();
	purlin_serve_look();
	return 0;
}

#ifdef PURLIN_TREE_INTERFACE_BY_DEVICE
static void disk_went(struct device *dev)
#else
static void disk_went(struct device *dev, struct class_interface *interface)
#endif
{
	device_gone(dev);
}

static struct class_interface watcher = {
	.class = &block_class,
	.add_dev = disk_came,
	.remove_dev = disk_went,
};

int __init purlin_disks_watch(void)
{
	return class_interface_register(&watcher);
}
