// SPDX-License-Identifier: GPL-2.0
/*
 * The Control session as /dev/purlin-control, if the system description grants this Linux one.
 * session/control.h is the protocol; init answers at once, whatever the components do.
 *
 * Reading from the beginning gives a record of CONTROL_COMPONENT_WORDS words for each component, in
 * the order of their numbers. Writing two words, a number and an act, begins that act. A file can
 * be polled: it is readable if something may have changed since it was read from the beginning.
 * CONTROL_IOCTL_SESSION makes that request, with the words of the reply in place of its own, and so
 * does CONTROL_IOCTL_DEVICES with requests of a Devices session (session/devices.h).
 * CONTROL_IOCTL_ADD sends a fragment of the system description, which init checks;
 * CONTROL_IOCTL_SET_RAM says how much RAM a Linux is to have.
 */
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/of.h>
#include <linux/platform_device.h>
#include <linux/poll.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <asm/environment.h>
#include <asm/irq.h>
#include <asm/session.h>
#include <asm/vcpu.h>
#include <purlin/boot.h>
#include <purlin/calls.h>
#include <session/control.h>
#include <session/parent.h>

#define RECORD_BYTES	(CONTROL_COMPONENT_WORDS * sizeof(u64))

static unsigned int session;	/* slot of the endpoint */
static atomic_t changes = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(readers);

static irqreturn_t control_changed(int irq, void *context)
{
	atomic_inc(&changes);
	wake_up_interruptible(&readers);
	return IRQ_HANDLED;
}

/* What the file knows of lies in private_data: the number of changes when it was read. */
static int control_open(struct inode *inode, struct file *file)
{
	file->private_data = (void *)(long)atomic_read(&changes);
	return 0;
}

static ssize_t read_one(char __user *to, u64 number)
{
	u64 words[CONTROL_COMPONENT_WORDS] = { number };
	int ret = purlin_call(session, CONTROL_COMPONENT, words, 1,
			      CONTROL_COMPONENT_WORDS, NULL);

	if (ret)
		return ret;
	return copy_to_user(to, words, sizeof(words)) ? -EFAULT : 0;
}

static ssize_t control_read(struct file *file, char __user *to, size_t count,
			    loff_t *position)
{
	size_t done = 0;
	ssize_t ret = 0;

	if (*position % RECORD_BYTES || count < RECORD_BYTES)
		return -EINVAL;
	/* Before the records: what changes from here on is told. */
	if (!*position)
		control_open(NULL, file);
	while (!ret && count - done >= RECORD_BYTES) {
		ret = read_one(to + done, *position / RECORD_BYTES);
		if (ret)
			break;
		done += RECORD_BYTES;
		*position += RECORD_BYTES;
	}
	/* No such number: the end of the file. */
	return done || ret == -ENODEV ? done : ret;
}

static ssize_t control_write(struct file *file, const char __user *from,
			     size_t count, loff_t *position)
{
	u64 words[2];
	int ret;

	if (count != sizeof(words))
		return -EINVAL;
	if (copy_from_user(words, from, sizeof(words)))
		return -EFAULT;
	ret = purlin_call(session, CONTROL_ACT, words, 2, 0, NULL);
	/* The only error without a word of its own: it has ended. */
	if (ret == -EIO)
		ret = -ESRCH;
	return ret ? ret : count;
}

static __poll_t control_poll(struct file *file, poll_table *table)
{
	poll_wait(file, &readers, table);
	return (long)file->private_data != atomic_read(&changes) ? EPOLLIN | EPOLLRDNORM : 0;
}

/* Opened when it is needed. Kept, since a session that is open counts until its server ends. */
static int devices_try(u64 *words, u32 operation, u64 first, u64 second)
{
	static unsigned int devices;	/* slot; 0: none */
	int ret = devices ? 0 : purlin_session_open("Devices", "control", &devices);

	if (ret)
		return ret;
	words[0] = first;
	words[1] = second;
	ret = purlin_call(devices, operation, words, 2, CONTROL_DEVICES_WORDS, NULL);
	/* The only error without a word of its own: the server has ended. */
	if (ret == -EIO) {
		purlin_slot_release(devices);
		devices = 0;
	}
	return ret;
}

static int devices_call(u64 *words)
{
	static DEFINE_MUTEX(lock);
	u64 operation = words[0], first = words[1], second = words[2];
	int ret;

	if (operation > U32_MAX)
		return -EINVAL;
	mutex_lock(&lock);
	ret = devices_try(words, operation, first, second);
	if (ret == -EIO)
		ret = devices_try(words, operation, first, second);
	mutex_unlock(&lock);
	return ret;
}

static int send_fragment(const char __user *from, u64 bytes)
{
	u64 words[PURLIN_MESSAGE_WORDS];
	u64 sent = 0;
	int ret = 0;

	while (!ret && sent < bytes) {
		size_t part = min_t(u64, bytes - sent, sizeof(words) - sizeof(words[0]));

		memset(words, 0, sizeof(words));
		words[0] = sent;
		if (copy_from_user(&words[1], from + sent, part))
			return -EFAULT;
		ret = purlin_call(session, CONTROL_FRAGMENT, words,
				  1 + DIV_ROUND_UP(part, sizeof(u64)), 0, NULL);
		sent += part;
	}
	return ret;
}

/* As much as there is room for; a zero follows. */
static int read_reasons(char __user *to, u64 room)
{
	u64 words[CONTROL_REASON_WORDS];
	u64 done = 0, part = 0;

	if (!room)
		return 0;
	while (done < room - 1) {
		size_t bytes = min_t(u64, room - 1 - done, sizeof(words));

		words[0] = part++;
		if (purlin_call(session, CONTROL_REASON, words, 1, CONTROL_REASON_WORDS, NULL))
			break;
		if (copy_to_user(to + done, words, bytes))
			return -EFAULT;
		done += bytes;
	}
	return put_user(0, to + done);
}

static int add(u64 *words)
{
	char __user *fragment = u64_to_user_ptr(words[0]), *reasons = u64_to_user_ptr(words[2]);
	u64 bytes = words[1], room = words[3];
	int ret = send_fragment(fragment, bytes), failed;

	words[0] = bytes;
	if (!ret)
		ret = purlin_call(session, CONTROL_ADD, words, 1, CONTROL_ADD_WORDS, NULL);
	failed = ret == -EINVAL ? read_reasons(reasons, room) : 0;
	return failed ? failed : ret;
}

static long control_add(void __user *place)
{
	static DEFINE_MUTEX(lock);	/* there is one fragment in a session */
	u64 words[4];
	int ret;

	if (copy_from_user(words, place, sizeof(words)))
		return -EFAULT;
	mutex_lock(&lock);
	ret = add(words);
	mutex_unlock(&lock);
	if (ret)
		return ret;
	return copy_to_user(place, words, sizeof(words)) ? -EFAULT : 0;
}

static long control_set_ram(const void __user *place)
{
	u64 words[2];

	if (copy_from_user(words, place, sizeof(words)))
		return -EFAULT;
	return purlin_call(session, CONTROL_SET_RAM, words, ARRAY_SIZE(words), 0, NULL);
}

static long control_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	void __user *place = (void __user *)argument;
	u64 words[CONTROL_DEVICES_WORDS];
	int ret;

	if (command == CONTROL_IOCTL_ADD)
		return control_add(place);
	if (command == CONTROL_IOCTL_SET_RAM)
		return control_set_ram(place);
	if (command != CONTROL_IOCTL_SESSION && command != CONTROL_IOCTL_DEVICES)
		return -ENOTTY;
	if (copy_from_user(words, place, _IOC_SIZE(command)))
		return -EFAULT;
	ret = command == CONTROL_IOCTL_DEVICES ? devices_call(words) :
	      purlin_call(session, CONTROL_SESSION, words, 1, CONTROL_SESSION_WORDS, NULL);
	if (ret)
		return ret;
	return copy_to_user(place, words, _IOC_SIZE(command)) ? -EFAULT : 0;
}

static const struct file_operations control_operations = {
	.owner = THIS_MODULE,
	.open = control_open,
	.read = control_read,
	.write = control_write,
	.poll = control_poll,
	.unlocked_ioctl = control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.llseek = default_llseek,
};

static struct miscdevice control_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "purlin-control",
	.mode = 0600,
	.fops = &control_operations,
};

static int watch(unsigned int event)
{
	struct purlin_caps caps = { .gives = 1 };
	int ret = purlin_event_signal(event, &caps.give[0]);

	if (ret)
		return ret;
	ret = purlin_exchange(session, CONTROL_WATCH, NULL, 0, 0, &caps);
	purlin_slot_release(caps.give[0]);
	return ret;
}

static int control_probe(struct platform_device *platform)
{
	struct device *dev = &platform->dev;
	int event, ret;

	if (of_property_read_u32(dev->of_node, "purlin,session", &session))
		return -EINVAL;
	event = purlin_event_alloc();
	if (event < 0)
		return event;
	ret = request_irq(purlin_event_irq(event), control_changed, 0, "purlin-control", dev);
	if (ret)
		goto free_event;
	ret = watch(event);
	if (!ret)
		ret = misc_register(&control_device);
	if (!ret)
		return 0;
	free_irq(purlin_event_irq(event), dev);
free_event:
	purlin_event_free(event);
	return ret;
}

static const struct of_device_id purlin_control_match[] = {
	{ .compatible = "purlin,control" },
	{}
};

static struct platform_driver purlin_control_driver = {
	.probe = control_probe,
	.driver = {
		.name = "purlin-control",
		.of_match_table = purlin_control_match,
		.suppress_bind_attrs = true,
	},
};
builtin_platform_driver(purlin_control_driver);
