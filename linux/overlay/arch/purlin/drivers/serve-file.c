// SPDX-License-Identifier: GPL-2.0
/*
 * Files as disks: a program of the initramfs mounts the file system where nobody else sees it, and
 * puts a loop device with direct I/O on the file. It hands both to us, by what it writes to its
 * standard input:
 *
 *	file FD loop FD		the two, as it has them open
 *	anything else		why there are none, for the log
 *
 * From then on we hold them. The loop device ends with its last user (autoclear), and the file
 * system is unmounted with its last file. So nothing has to be undone by hand, neither when a disk
 * is pulled nor when the rule fails.
 */
#include <linux/anon_inodes.h>
#include <linux/blkdev.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/major.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include <linux/umh.h>
#include <linux/wait.h>
#include "serve-file.h"

#define PROGRAM	"/purlin/serve-file"
#define REPORT_BYTES	96
#define FNV_PRIME	0x100000001b3ULL

enum file_state {
	FILE_NONE,
	FILE_ASKED,	/* the program is at work */
	FILE_FOUND,	/* `file` and `loop` are ours */
	FILE_FAILED,	/* `reason` says why; until a device comes */
};

struct purlin_file {
	struct purlin_served *served;
	struct list_head list;
	struct work_struct work;
	dev_t under;
	bool turn;			/* its program is at work on `under` */
	bool stale;			/* `under` has gone since the program was started */
	unsigned int arrivals;		/* before it was */
	/* While FILE_ASKED, the program's; then that of whoever looks for devices. */
	enum file_state state;
	struct file *file, *loop;
	char reasons[2][REPORT_BYTES];	/* the latest one, and the one before */
	unsigned int reason;
	bool said;			/* the program has given one */
	struct mutex lock;		/* the program may have left its report to others */
};

static LIST_HEAD(files);
static DEFINE_SPINLOCK(files_lock);	/* of the list, and of turns */
static atomic_t arrivals;
static DECLARE_WAIT_QUEUE_HEAD(turns);

/* Another reason has another address: by that it is known to be news. */
static void reason_set(struct purlin_file *backing, const char *text)
{
	backing->said = true;
	if (!strcmp(backing->reasons[backing->reason], text))
		return;
	backing->reason ^= 1;
	strscpy(backing->reasons[backing->reason], text, REPORT_BYTES);
}

/*
 * Nobody but us writes to the file, or changes its size, while we have it: as for a program that
 * runs, the number of its writers is negative. Ours, which is the loop device's, was counted when
 * the file was opened.
 */
static int writers_of(const struct file *file)
{
	return file->f_mode & FMODE_WRITE ? 1 : 0;
}

static bool writers_refuse(struct file *file)
{
	int ours = writers_of(file);

	return atomic_cmpxchg(&file_inode(file)->i_writecount, ours, -1) == ours;
}

static void writers_allow(struct file *file)
{
	atomic_add(writers_of(file) + 1, &file_inode(file)->i_writecount);
}

static void give_back(struct purlin_file *backing)
{
	writers_allow(backing->file);
	fput(backing->loop);
	fput(backing->file);
	backing->file = NULL;
	backing->loop = NULL;
}

static const char *problem_of(const struct file *file)
{
	loff_t size = i_size_read(file_inode(file));

	if (!S_ISREG(file_inode(file)->i_mode))
		return "it is not an ordinary file";
	if (!size)
		return "the file is empty";
	if (size % SECTOR_SIZE)
		return "the file's size is not a multiple of 512 bytes";
	return NULL;
}

/* The program has them: hold them. */
static void take(struct purlin_file *backing, struct file *file, struct file *loop)
{
	const char *problem = problem_of(file);

	if (backing->file || !S_ISBLK(file_inode(loop)->i_mode) ||
	    MAJOR(file_inode(loop)->i_rdev) != LOOP_MAJOR)
		problem = "the report of " PROGRAM " makes no sense";
	if (!problem && !writers_refuse(file))
		problem = "this Linux or another rule has the file open";
	if (problem) {
		reason_set(backing, problem);
		return;
	}
	backing->file = get_file(file);
	backing->loop = get_file(loop);
}

static void take_numbers(struct purlin_file *backing, unsigned int file, unsigned int loop)
{
	struct file *files[2] = { fget(file), fget(loop) };
	unsigned int i;

	if (files[0] && files[1])
		take(backing, files[0], files[1]);
	for (i = 0; i < ARRAY_SIZE(files); i++)
		if (files[i])
			fput(files[i]);
}

static ssize_t report_write(struct file *report, const char __user *from, size_t bytes,
			    loff_t *position)
{
	struct purlin_file *backing = report->private_data;
	char text[REPORT_BYTES] = { 0 };
	unsigned int file, loop, i;

	if (bytes >= sizeof(text))
		return -EINVAL;
	if (copy_from_user(text, from, bytes))
		return -EFAULT;
	for (i = 0; i < bytes; i++)
		if (text[i] < ' ' || text[i] > '~')
			return -EINVAL;
	mutex_lock(&backing->lock);
	if (backing->state != FILE_ASKED)
		bytes = 0;
	else if (sscanf(text, "file %u loop %u", &file, &loop) == 2)
		take_numbers(backing, file, loop);
	else
		reason_set(backing, text);
	mutex_unlock(&backing->lock);
	return bytes ?: -EPIPE;
}

static const struct file_operations report_operations = {
	.owner = THIS_MODULE,
	.write = report_write,
	.llseek = noop_llseek,
};

/* In the program's process, before it runs. */
static int report_give(struct subprocess_info *info, struct cred *new)
{
	struct file *report = anon_inode_getfile("purlin-serve", &report_operations, info->data,
						 O_WRONLY);
	int ret;

	if (IS_ERR(report))
		return PTR_ERR(report);
	ret = replace_fd(0, report, 0);
	fput(report);
	return ret < 0 ? ret : 0;
}

static int program_run(struct purlin_file *backing)
{
	struct subprocess_info *info;
	char under[24], *words[5];

	snprintf(under, sizeof(under), "%u:%u", MAJOR(backing->under), MINOR(backing->under));
	words[0] = PROGRAM;
	words[1] = under;
	words[2] = backing->served->file;
	words[3] = backing->served->read_only ? "read-only" : "read-write";
	words[4] = NULL;
	info = call_usermodehelper_setup(PROGRAM, words, NULL, GFP_KERNEL, report_give, NULL,
					 backing);
	return info ? call_usermodehelper_exec(info, UMH_WAIT_PROC) : -ENOMEM;
}

/*
 * One program at a time for each file system: of two rules for one file one has it open then, when
 * the other is refused; and none mounts what another one is about to unmount.
 */
static bool turn_take(struct purlin_file *backing)
{
	struct purlin_file *other;
	bool free = true;

	spin_lock(&files_lock);
	list_for_each_entry(other, &files, list)
		free &= !other->turn || other->under != backing->under;
	if (free)
		backing->turn = true;
	spin_unlock(&files_lock);
	return free;
}

static void turn_end(struct purlin_file *backing)
{
	spin_lock(&files_lock);
	backing->turn = false;
	spin_unlock(&files_lock);
	wake_up_all(&turns);
}

static void ask(struct work_struct *work)
{
	struct purlin_file *backing = container_of(work, struct purlin_file, work);
	int ret;

	backing->said = false;
	wait_event(turns, turn_take(backing));
	ret = program_run(backing);
	turn_end(backing);
	mutex_lock(&backing->lock);
	if (ret < 0)
		reason_set(backing, "the program " PROGRAM " cannot be started");
	else if ((ret || !backing->file) && !backing->said)
		reason_set(backing, PROGRAM " has failed");
	if (ret && backing->file)
		give_back(backing);
	/* Pairs with purlin_file_find(): whoever sees this state sees what belongs to it. */
	smp_store_release(&backing->state, backing->file ? FILE_FOUND : FILE_FAILED);
	mutex_unlock(&backing->lock);
	purlin_serve_look();
}

static void ask_again(struct purlin_file *backing, dev_t under)
{
	backing->under = under;
	backing->arrivals = atomic_read(&arrivals);
	WRITE_ONCE(backing->stale, false);
	WRITE_ONCE(backing->state, FILE_ASKED);
	schedule_work(&backing->work);
}

/* FNV-1a, as in serve-identity.c. */
static u64 print_add(u64 print, const void *bytes, unsigned int count)
{
	const u8 *byte = bytes;

	while (count--)
		print = (print ^ *byte++) * FNV_PRIME;
	return print;
}

/* A file that was put in its place is another one. */
static u64 print_of(const struct inode *inode, u64 print)
{
	u64 number = inode->i_ino;
	u32 generation = inode->i_generation;

	print = print_add(print, &inode->i_sb->s_uuid, sizeof(inode->i_sb->s_uuid));
	print = print_add(print, &number, sizeof(number));
	return print_add(print, &generation, sizeof(generation));
}

int purlin_file_find(struct purlin_served *served, dev_t under, dev_t *number, u64 *print,
		     const char **problem)
{
	struct purlin_file *backing = served->backing;

	/* Pairs with ask(). */
	switch (smp_load_acquire(&backing->state)) {
	case FILE_ASKED:
		return -EAGAIN;
	case FILE_FOUND:
		if (READ_ONCE(backing->stale) || backing->under != under) {
			give_back(backing);
			break;
		}
		*number = file_inode(backing->loop)->i_rdev;
		*print = print_of(file_inode(backing->file), *print);
		return 0;
	case FILE_FAILED:
		if (READ_ONCE(backing->stale) || backing->under != under ||
		    backing->arrivals != atomic_read(&arrivals))
			break;
		*problem = backing->reasons[backing->reason];
		return -EINVAL;
	case FILE_NONE:
		break;
	}
	ask_again(backing, under);
	return -EAGAIN;
}

bool purlin_file_fits(const struct purlin_served *served, u64 sectors)
{
	return i_size_read(file_inode(served->backing->file)) == sectors << SECTOR_SHIFT;
}

void purlin_file_fail(struct purlin_served *served, const char *problem)
{
	give_back(served->backing);
	reason_set(served->backing, problem);
	WRITE_ONCE(served->backing->state, FILE_FAILED);
}

void purlin_file_lose(struct purlin_served *served)
{
	give_back(served->backing);
	WRITE_ONCE(served->backing->state, FILE_NONE);
}

int purlin_file_prepare(struct purlin_served *served)
{
	struct purlin_file *backing = kzalloc(sizeof(*backing), GFP_KERNEL);

	if (!backing)
		return -ENOMEM;
	backing->served = served;
	INIT_WORK(&backing->work, ask);
	mutex_init(&backing->lock);
	served->backing = backing;
	spin_lock(&files_lock);
	list_add(&backing->list, &files);
	spin_unlock(&files_lock);
	return 0;
}

void purlin_files_came(void)
{
	atomic_inc(&arrivals);
}

void purlin_files_went(dev_t under)
{
	struct purlin_file *backing;

	spin_lock(&files_lock);
	list_for_each_entry(backing, &files, list)
		if (backing->under == under)
			WRITE_ONCE(backing->stale, true);
	spin_unlock(&files_lock);
}
