/* SPDX-License-Identifier: MIT */
/*
 * The first program of a Linux whose root is hostile: several attacks at a time, each a process of
 * its own, so that one that is killed by what it does is followed by another. After some seconds
 * this life ends, in one way or another, and the description starts the next.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "attack.h"

#define AT_A_TIME 4
#define SHORTEST 4 /* seconds of a life */
#define LONGEST 16

static const struct attack attacks[] = {
	{ "ports", attack_ports, 1 },	{ "log", attack_log, 1 },
	{ "config", attack_config, 3 }, { "life", attack_life, 2 },
	{ "edu", attack_edu, 4 },	{ "messages", attack_messages, 3 },
	{ "nvme", attack_nvme, 3 },	{ "registers", attack_registers, 3 },
	{ "storm", attack_storm, 1 },	{ "sessions", attack_sessions, 4 },
};

static void say(const char *format, ...)
{
	char text[200] = "<1>hostile: ";
	size_t head = strlen(text);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text + head, sizeof(text) - head, format, arguments);
	va_end(arguments);
	write_text("/dev/kmsg", text);
}

static const struct attack *choose(void)
{
	unsigned int sum = 0, which;

	for (size_t i = 0; i < sizeof(attacks) / sizeof(*attacks); i++)
		sum += attacks[i].weight;
	which = below(sum);
	for (const struct attack *one = attacks;; one++) {
		if (which < one->weight)
			return one;
		which -= one->weight;
	}
}

static void begin_one(const struct attack *attack)
{
	if (fork())
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	nice(5); /* this process, which ends the life, must have a turn */
	alarm(1 + below(4));
	attack->run();
	_exit(0);
}

static void mount_all(void)
{
	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
}

static bool told(const char *word)
{
	char line[2048] = "";
	FILE *file = fopen("/proc/cmdline", "r");

	if (file) {
		(void)!fread(line, 1, sizeof(line) - 1, file);
		fclose(file);
	}
	return strstr(line, word);
}

static void end_of_life(void)
{
	switch (below(5)) {
	case 0:
		say("ends by foreign memory");
		for (;;)
			attack_memory();
	case 1:
		say("ends by calls to the microkernel");
		for (;;)
			attack_calls();
	case 2:
		say("ends by a panic");
		write_text("/proc/sysrq-trigger", "c");
		break;
	case 3:
		say("ends by a restart");
		reboot(RB_AUTOBOOT);
		break;
	default:
		say("ends by power");
		reboot(RB_POWER_OFF);
	}
	_exit(1);
}

int main(void)
{
	unsigned long begun = 0;
	time_t end;

	mount_all();
	messages = told(" messages");
	end = time(NULL) + SHORTEST + below(LONGEST - SHORTEST);
	say("a life begins");
	for (int i = 0; i < AT_A_TIME; i++, begun++)
		begin_one(choose());
	while (time(NULL) < end) {
		if (waitpid(-1, NULL, WNOHANG) > 0) {
			begin_one(choose());
			begun++;
		} else {
			usleep(20000);
		}
	}
	say("has begun %lu attacks", begun);
	end_of_life();
}
