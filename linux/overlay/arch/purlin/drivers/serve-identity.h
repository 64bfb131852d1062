/* SPDX-License-Identifier: GPL-2.0 */
/* Devices by what does not change. */
#ifndef _PURLIN_SERVE_IDENTITY_H
#define _PURLIN_SERVE_IDENTITY_H

#include <linux/types.h>

struct block_device;
struct device;

/* Whether the device, or one that it is part of, is what the identity names. */
bool purlin_identity_matches(struct device *dev, const char *identity);
/* A number from all that it says of itself: another device has another one. */
u64 purlin_identity_print(struct device *dev);
/* Whether it is what "part-uuid:TEXT" or "part-label:TEXT" names, as the partition table says. */
bool purlin_part_matches(const struct block_device *part, const char *name);

#endif /* _PURLIN_SERVE_IDENTITY_H */
