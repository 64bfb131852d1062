// SPDX-License-Identifier: GPL-2.0
/* Messages before there is a terminal: the microkernel's log. */
#include <linux/console.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <asm/environment.h>
#include <asm/vcpu.h>
#include <purlin/boot.h>
#include <purlin/calls.h>

#define LOG_BYTES	480

static void log_write(struct console *console, const char *text, unsigned int count)
{
	while (count) {
		unsigned int part = min_t(unsigned int, count, LOG_BYTES);
		unsigned long flags;

		/* The message buffer is shared with everything that calls a session. */
		raw_local_irq_save(flags);
		memcpy(vcpu_state()->message.word, text, part);
		purlin_log_write(PURLIN_SLOT_LOG, part);
		raw_local_irq_restore(flags);
		text += part;
		count -= part;
	}
}

static struct console early_console_log = {
	.name = "purlinlog",
	.write = log_write,
	.flags = CON_PRINTBUFFER | CON_BOOT | CON_ANYTIME,
	.index = -1,
};

void __init purlin_early_console_init(void)
{
	register_console(&early_console_log);
}
