/* SPDX-License-Identifier: MIT */
/* Files of sysfs, and times. */
#include "settle.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

char pending[200];

void unfinished(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(pending, sizeof(pending), format, arguments);
	va_end(arguments);
}

long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

long age_ms(const char *name)
{
	static struct {
		char name[NAME_BYTES];
		long since;
	} seen[KNOWN];
	static unsigned int count;

	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(seen[i].name, name))
			return now_ms() - seen[i].since;
	if (count == KNOWN)
		return now_ms();
	snprintf(seen[count].name, NAME_BYTES, "%s", name);
	seen[count++].since = now_ms();
	return 0;
}

void write_file(const char *path, const char *text)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);

	if (file < 0)
		return;
	/* What counts is that the kernel has taken the lock; it may well refuse. */
	(void)!write(file, text, strlen(text));
	close(file);
}

bool read_file(char *text, size_t bytes, const char *folder, const char *name,
	       const char *attribute)
{
	char path[PATH_BYTES];
	ssize_t length;
	int file;

	snprintf(path, sizeof(path), "%s/%s/%s", folder, name, attribute);
	file = open(path, O_RDONLY | O_CLOEXEC);
	if (file < 0)
		return false;
	length = read(file, text, bytes - 1);
	close(file);
	text[length > 0 ? length : 0] = 0;
	return length >= 0;
}

long read_number(const char *folder, const char *name, const char *attribute, int base)
{
	char text[32];

	return read_file(text, sizeof(text), folder, name, attribute) ? strtol(text, NULL, base) :
									-1;
}

void for_each(const char *folder, void (*look)(const char *name))
{
	DIR *entries = opendir(folder);
	struct dirent *entry;

	if (!entries)
		return;
	while ((entry = readdir(entries)))
		if (entry->d_name[0] != '.' && strlen(entry->d_name) < NAME_BYTES)
			look(entry->d_name);
	closedir(entries);
}
