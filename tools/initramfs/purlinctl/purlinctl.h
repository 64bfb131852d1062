/* SPDX-License-Identifier: MIT */
/* What the parts of purlinctl share: the device, and what it has said of the components. */
#ifndef PURLINCTL_H
#define PURLINCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/control.h"

#define MOST 64

typedef uint64_t record[CONTROL_COMPONENT_WORDS];

/* main.c: the device; a line of error, and what to exit with. */
extern int control;
int fail(const char *text);

/* components.c. False: errno says why. */
extern record components[MOST];
extern unsigned int count;
bool look(void);
const char *name_of(const record one);
const char *state_of(const record one);
/* A text of a record, of so many bytes at most, as a member of a JSON object. */
void print_text(const char *name, const char *text);
/* Whether --json is the only word that follows, or none does; else -1. */
int json_wanted(int words, char **word);

/* acts.c. Seconds of a --timeout that follows one word, the usual ones without it; -1: an error was
 * told. Whether the component is started, or will not be, within that time. */
int timeout_of(const char *wanted, int words, char **word);
bool await_started(int number, int seconds);
/* The component of this name; -1: an error was told. */
int number_of(const char *name);
int64_t now_ms(void);

/* Commands: what follows them; what to exit with. */
int list(int words, char **word);
int names(void);
int places(void); /* of devices, for completion */
int top(void);
int act(unsigned int which, int words, char **word); /* CONTROL_START to CONTROL_RESTART */
int add(int words, char **word);
int ram(int words, char **word);
int sessions(int words, char **word);
int devices(int words, char **word);
int move(int words, char **word);

#endif
