// SPDX-License-Identifier: MIT
/*
 * Where vCPUs share a processor (shared.dts), Linux knows what was stolen from each, and a vCPU
 * that waits for another gives it the processor. Anywhere else this only shows that waiting ends.
 */
#define _GNU_SOURCE
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>

#include "check.h"

#define BARRIERS 100
#define THREADS 16

static atomic_bool stop;

static void *spin(void *unused)
{
	while (!stop)
		;
	return unused;
}

/* Numbers of the line that begins with `name`, from the `skip`th on, as many as there are. */
static unsigned long numbers_sum(const char *path, const char *name, int skip, int count)
{
	unsigned long sum = 0;
	char line[2048];
	FILE *file = fopen(path, "r");

	REQUIRE(file != NULL);
	while (fgets(line, sizeof(line), file)) {
		char *word = strtok(line, " ");

		if (!word || strcmp(word, name) != 0)
			continue;
		for (int i = 0; (word = strtok(NULL, " \n")) && i < skip + count; i++) {
			char *end;
			unsigned long value = strtoul(word, &end, 10);

			if (*end)
				break;
			if (i >= skip)
				sum += value;
		}
	}
	fclose(file);
	return sum;
}

static bool processor_is_shared(void)
{
	char line[4096] = "";
	FILE *file = fopen("/proc/cmdline", "r");

	REQUIRE(file && fgets(line, sizeof(line), file));
	fclose(file);
	return strstr(line, "shared-processor") != NULL;
}

/* Each answers an event with the others spinning in user mode, and the caller waits for all. */
static void wait_for_all(int processors)
{
	pthread_t threads[THREADS];

	REQUIRE(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0);
	for (int i = 0; i < processors; i++)
		REQUIRE(pthread_create(&threads[i], NULL, spin, NULL) == 0);
	for (int i = 0; i < BARRIERS; i++)
		CHECK(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) == 0);
	stop = true;
	for (int i = 0; i < processors; i++)
		pthread_join(threads[i], NULL);
}

int main(void)
{
	int processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
	unsigned long yields, stolen;

	REQUIRE(processors <= THREADS);
	wait_for_all(processors);
	yields = numbers_sum("/proc/interrupts", "YLD:", 0, processors);
	stolen = numbers_sum("/proc/stat", "cpu", 7, 1);
	if (processor_is_shared()) {
		CHECK(processors > 1 && yields > 0 && stolen > 0);
		printf("given away %lu times, stolen %lu\n", yields, stolen);
	}
	return checks_done();
}
