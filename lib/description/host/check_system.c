/* SPDX-License-Identifier: MIT */
/*
 * check-system: say what is wrong with a system description before anything starts.
 * Prints "file:line: node: reason" for each error; status 1 with errors, 2 when it cannot work.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../description.h"
#include "positions.h"

#define MOST_MODULES 512
#define MOST_INCLUDES 8

struct options {
	const char *source;
	uint64_t memory;
	uint32_t cpus;
	unsigned int module_count;
	const char *modules[MOST_MODULES];
	const char *folder; /* where binaries lie */
	unsigned int include_count;
	const char *includes[MOST_INCLUDES];
};

struct checking {
	const struct options *options;
	char *annotated;
	unsigned int errors;
};

static void usage(void)
{
	fputs("usage: check-system [--memory MIB] [--cpus N] [--modules FOLDER] [--module "
	      "NAME]...\n"
	      "                    [--include FOLDER]... FILE.dts\n"
	      "--memory, --cpus: what the machine has. A component's file must be given by "
	      "--module,\n"
	      "or lie in the folder of --modules; without both, files are not looked for.\n",
	      stderr);
	exit(2);
}

static unsigned long number(const char *text)
{
	char *end;
	unsigned long value = strtoul(text, &end, 10);

	if (!*text || *end)
		usage();
	return value;
}

static void take_option(struct options *options, const char *name, const char *value)
{
	if (!strcmp(name, "--memory"))
		options->memory = (uint64_t)number(value) << 20;
	else if (!strcmp(name, "--cpus"))
		options->cpus = (uint32_t)number(value);
	else if (!strcmp(name, "--modules"))
		options->folder = value;
	else if (!strcmp(name, "--module") && options->module_count < MOST_MODULES)
		options->modules[options->module_count++] = value;
	else if (!strcmp(name, "--include") && options->include_count < MOST_INCLUDES)
		options->includes[options->include_count++] = value;
	else if (!strcmp(name, "--module") || !strcmp(name, "--include"))
		errx(2, "%s %s: there are too many of these", name, value);
	else
		usage();
}

static void take_arguments(struct options *options, int count, char **arguments)
{
	for (int i = 1; i < count; i++) {
		if (!strncmp(arguments[i], "--", 2)) {
			if (i + 1 == count)
				usage();
			take_option(options, arguments[i], arguments[i + 1]);
			i++;
		} else if (options->source) {
			usage();
		} else {
			options->source = arguments[i];
		}
	}
	if (!options->source)
		usage();
}

/* All that comes through a pipe, and a final zero. */
static char *read_all(int pipe_end, size_t *bytes)
{
	size_t room = 0;
	char *data = NULL;
	ssize_t got = 1;

	for (*bytes = 0; got > 0; *bytes += (size_t)got) {
		if (room < *bytes + 4096) {
			room = 2 * room + 8192;
			data = realloc(data, room);
			if (!data)
				exit(2);
		}
		got = read(pipe_end, data + *bytes, 4095);
		if (got < 0)
			exit(2);
	}
	data[*bytes] = 0;
	return data;
}

static void run_dtc(const struct options *options, const char *form)
{
	const char *arguments[16 + 2 * MOST_INCLUDES] = { "dtc", "-q", "-I", "dts", "-O", form };
	unsigned int count = 6;

	if (!strcmp(form, "dts"))
		arguments[count++] = "-T";
	for (unsigned int i = 0; i < options->include_count; i++) {
		arguments[count++] = "-i";
		arguments[count++] = options->includes[i];
	}
	arguments[count++] = options->source;
	execvp("dtc", (char *const *)arguments);
	perror("dtc");
	_exit(2);
}

/* Output of dtc; NULL when it found errors, which it has told with file and line itself. */
static char *compile(const struct options *options, const char *form, size_t *bytes)
{
	int ends[2], status;
	pid_t child;
	char *data;

	if (pipe(ends))
		exit(2);
	child = fork();
	if (child < 0)
		exit(2);
	if (!child) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		run_dtc(options, form);
	}
	close(ends[1]);
	data = read_all(ends[0], bytes);
	close(ends[0]);
	if (waitpid(child, &status, 0) == child && WIFEXITED(status) && !WEXITSTATUS(status))
		return data;
	free(data);
	return NULL;
}

static void print_error(void *context, const char *node, const char *property, const char *reason)
{
	struct checking *checking = context;
	const char *source = checking->options->source;
	const char *folder = strrchr(source, '/');
	char position[512];

	find_position(checking->annotated, node, property, position, sizeof(position));
	/* dtc names files from the folder of the source. */
	printf("%.*s%s: %s: %s%s%s\n", folder ? (int)(folder - source) + 1 : 0, source, position,
	       node, property ? property : "", property ? ": " : "", reason);
	checking->errors++;
}

static bool module_exists(void *context, const char *name)
{
	const struct options *options = ((struct checking *)context)->options;
	char path[1024];

	for (unsigned int i = 0; i < options->module_count; i++) {
		if (!strcmp(options->modules[i], name))
			return true;
	}
	if (!options->folder || strchr(name, '/'))
		return false;
	snprintf(path, sizeof(path), "%s/%s", options->folder, name);
	return !access(path, R_OK);
}

int main(int count, char **arguments)
{
	static struct description description;
	struct options options = { 0 };
	struct checking checking = { .options = &options };
	struct description_target target = { .error = print_error, .context = &checking };
	size_t bytes, text_bytes;
	char *tree;

	take_arguments(&options, count, arguments);
	tree = compile(&options, "dtb", &bytes);
	checking.annotated = tree ? compile(&options, "dts", &text_bytes) : NULL;
	if (!checking.annotated) {
		free(tree);
		return 1;
	}
	target.memory = options.memory;
	target.cpus = options.cpus;
	if (options.folder || options.module_count)
		target.module_exists = module_exists;
	description_read(&description, tree, bytes, &target);
	free(checking.annotated);
	free(tree);
	return checking.errors ? 1 : 0;
}
