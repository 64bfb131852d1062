/* SPDX-License-Identifier: MIT */
/* What the parts of usb-settle share; main.c says how they work together. */
#ifndef USB_SETTLE_H
#define USB_SETTLE_H

#include <stdbool.h>
#include <stddef.h>

#define KNOWN 256
#define NAME_BYTES 64
#define PATH_BYTES 320

/* A round: what it found unfinished; empty: nothing. */
extern char pending[200];
void unfinished(const char *format, ...) __attribute__((format(printf, 1, 2)));

long now_ms(void);
/* Since something was seen first. When the table is full: as if that had been at the beginning. */
long age_ms(const char *name);

void write_file(const char *path, const char *text);
bool read_file(char *text, size_t bytes, const char *folder, const char *name,
	       const char *attribute);
/* -1: there is none. */
long read_number(const char *folder, const char *name, const char *attribute, int base);
void for_each(const char *folder, void (*look)(const char *name));

/* kernel_log.c: ports, or devices on them, of which the kernel has said that it gives up. */
void open_kernel_log(void);
int kernel_log_file(void);
void read_kernel_log(void);
bool is_given_up(const char *name);

/* hubs.c: fast ones first. */
void look_at_hubs(void);

/* units.c: a SCSI host, if it belongs to something on USB. */
void look_at_host(const char *name);

#endif
