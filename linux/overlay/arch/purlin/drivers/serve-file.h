/* SPDX-License-Identifier: GPL-2.0 */
/* Files that are served as disks. */
#ifndef _PURLIN_SERVE_FILE_H
#define _PURLIN_SERVE_FILE_H

#include "serve.h"

/* A rule names a file: prepare for it. */
int purlin_file_prepare(struct purlin_served *served);
/*
 * The block device that has the file's contents, and nothing else. The file lies in the file
 * system on device `under`. `print` gets what tells this file from another one of its name. Then
 * the file is held until purlin_file_lose(). -EAGAIN: that is not known yet.
 */
int purlin_file_find(struct purlin_served *served, dev_t under, dev_t *number, u64 *print,
		     const char **problem);
/* Whether the block device is as large as the file. */
bool purlin_file_fits(const struct purlin_served *served, u64 sectors);
/* It is of no use after all, until a device comes. */
void purlin_file_fail(struct purlin_served *served, const char *problem);
/* After its block device was closed. */
void purlin_file_lose(struct purlin_served *served);

/* A device has come: what was missing may be there now. */
void purlin_files_came(void);
/* A device has gone, and with it what is found on it. */
void purlin_files_went(dev_t under);

#endif /* _PURLIN_SERVE_FILE_H */
