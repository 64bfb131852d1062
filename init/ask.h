/* SPDX-License-Identifier: MIT */
/*
 * Questions to servers. No supervisor of init waits for a server: workers of that server do, so a
 * server that does not answer delays its own questions and nothing else.
 *
 * A question is made, filled in and asked. The asker waits for the answer, but only for a limited
 * time, and only while the component lives for which it asks. If the answer comes later, the worker
 * undoes what the server has done.
 */
#ifndef INIT_ASK_H
#define INIT_ASK_H

#include "purlin/message.h"
#include "state.h"

#define ANSWER_SECONDS 10 /* of waiting, then the server counts as one that does not answer */
#define QUESTION_CAPS 2

struct question {
	struct question *next;	 /* of the server's queue; of the component's sessions */
	int server;		 /* index, or DESCRIPTION_CORE (a session: never asked) */
	struct component *asker; /* NULL: init itself. One asker's questions keep their order */
	char service[PARENT_SERVICE_BYTES + 1];
	purlin_u64 generation; /* of the server's life that was asked; 0: none was asked yet */
	purlin_u64 session;    /* slot to ask at; 0: where the service was announced */
	purlin_u64 badge;      /* of the session that this question has opened */
	/* The answer is told to `signal` as `bit`, unless nobody waits for it. */
	purlin_u64 signal, bit;
	bool waiting, answered;
	unsigned int row; /* of an open session: session_table.c */
	bool closing;	  /* counted in asker->closing */
	bool told;	  /* of an open session: the client has heard that its server has ended */
	purlin_s64 status;
	purlin_u32 operation;
	unsigned int words, sent, wanted;
	purlin_u64 send[QUESTION_CAPS], received[QUESTION_CAPS]; /* slots */
	purlin_u64 word[PURLIN_MESSAGE_WORDS];			 /* question, then answer */
};

/* The first worker of a component that is a server. */
purlin_s64 ask_prepare(int server);

/* NULL: no memory. */
struct question *question_new(struct component *asker, int server, const char *service,
			      purlin_u32 operation);
/* Pass copies of capabilities on, or ask at a session. */
purlin_s64 question_send(struct question *question, purlin_u64 slot);
purlin_s64 question_at(struct question *question, purlin_u64 session);
/* Free the question with its capabilities. It was not asked, or is answered. */
void question_free(struct question *question);

/*
 * Put the question into the server's queue. The answer notifies `bit` of `signal`; with signal 0
 * nobody waits, and the question is freed when it is answered.
 */
void question_submit(struct question *question, purlin_u64 signal, purlin_u64 bit);
bool question_answered(struct question *question);
/* Nobody waits for the answer any more. */
void question_drop(struct question *question);
/* Close the session that the question opened. */
void question_close(struct question *question);

/* The server is late: report that, but only once until it answers again. */
void ask_report(int server);
/* Report all servers that have yet to close sessions of the component's earlier lives. */
void ask_report_closing(const struct component *component);

#endif
