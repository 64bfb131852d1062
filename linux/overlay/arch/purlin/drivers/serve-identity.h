/* SPDX-License-Identifier: GPL-2.0 */
/* Devices by what does not change. */
#ifndef _PURLIN_SERVE_IDENTITY_H
#define _PURLIN_SERVE_IDENTITY_H

#include <linux/types.h>

struct device;

/* Whether the device, or one that it is part of, is what the identity names. */
bool purlin_identity_matches(struct device *dev, const char *identity);

#endif /* _PURLIN_SERVE_IDENTITY_H */
