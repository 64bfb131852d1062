// SPDX-License-Identifier: MIT
/* System V and POSIX exchange between processes: shared memory, semaphores, message queues. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>

#include "check.h"

static void shared_memory(void)
{
	int id = shmget(IPC_PRIVATE, 100000, IPC_CREAT | 0600), status;
	int *words = shmat(id, NULL, 0);
	struct shmid_ds facts;
	pid_t child;

	REQUIRE(id >= 0 && words != (void *)-1);
	child = fork();
	if (child == 0) {
		words[1000] = 44;
		_exit(shmdt(words) != 0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0 && words[1000] == 44);
	CHECK(shmctl(id, IPC_STAT, &facts) == 0 && facts.shm_nattch == 1);
	CHECK(shmctl(id, IPC_RMID, NULL) == 0 && shmdt(words) == 0);
	CHECK_ERROR(shmctl(id, IPC_STAT, &facts), EINVAL);
}

static void semaphores(void)
{
	int id = semget(IPC_PRIVATE, 1, IPC_CREAT | 0600), status;
	struct sembuf down = { 0, -1, SEM_UNDO }, up = { 0, 1, 0 };
	pid_t child;

	REQUIRE(id >= 0);
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 200; i++)
			if (semop(id, &down, 1) != 0)
				_exit(1);
		_exit(0);
	}
	for (int i = 0; i < 200; i++)
		CHECK(semop(id, &up, 1) == 0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(semctl(id, 0, GETVAL) == 200); /* the child's 200 were undone at its end */
	CHECK(semctl(id, 0, IPC_RMID) == 0);
}

static void messages(void)
{
	struct {
		long kind;
		char text[32];
	} message = { 3, "third" };
	int id = msgget(IPC_PRIVATE, IPC_CREAT | 0600);

	REQUIRE(id >= 0);
	CHECK(msgsnd(id, &message, 6, 0) == 0);
	message.kind = 1;
	strcpy(message.text, "first");
	CHECK(msgsnd(id, &message, 6, 0) == 0);
	CHECK(msgrcv(id, &message, 32, 3, 0) == 6 && strcmp(message.text, "third") == 0);
	CHECK(msgrcv(id, &message, 32, 0, 0) == 6 && strcmp(message.text, "first") == 0);
	CHECK_ERROR(msgrcv(id, &message, 32, 0, IPC_NOWAIT), ENOMSG);
	CHECK(msgctl(id, IPC_RMID, NULL) == 0);
}

static void posix_queue(void)
{
	struct mq_attr attributes = { .mq_maxmsg = 4, .mq_msgsize = 16 };
	mqd_t queue = mq_open("/test", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &attributes);
	unsigned int priority;
	char text[16];

	REQUIRE(queue != (mqd_t)-1);
	CHECK(mq_send(queue, "low", 4, 1) == 0 && mq_send(queue, "high", 5, 9) == 0);
	CHECK(mq_receive(queue, text, 16, &priority) == 5 && priority == 9 &&
	      strcmp(text, "high") == 0);
	CHECK(mq_receive(queue, text, 16, &priority) == 4 && priority == 1);
	CHECK_ERROR(mq_receive(queue, text, 16, &priority), EAGAIN);
	CHECK(mq_close(queue) == 0 && mq_unlink("/test") == 0);
}

static void posix_semaphore(void)
{
	sem_t *pair = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int status;
	pid_t child;

	REQUIRE(pair != MAP_FAILED && sem_init(&pair[0], 1, 0) == 0 &&
		sem_init(&pair[1], 1, 0) == 0);
	child = fork();
	if (child == 0) {
		for (int i = 0; i < 500; i++) {
			sem_wait(&pair[0]);
			sem_post(&pair[1]);
		}
		_exit(0);
	}
	for (int i = 0; i < 500; i++) {
		sem_post(&pair[0]);
		sem_wait(&pair[1]);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	munmap(pair, 4096);
}

int main(void)
{
	shared_memory();
	semaphores();
	messages();
	posix_queue();
	posix_semaphore();
	return checks_done();
}
