/* SPDX-License-Identifier: MIT */
/* Parts of the checks to each other. */
#ifndef CHECKS_OWN_H
#define CHECKS_OWN_H

void times_leave(void);

#endif
