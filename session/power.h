/* SPDX-License-Identifier: MIT OR GPL-2.0 */
/*
 * Power: what ends the run of the whole machine. Server: the platform component,
 * which knows ACPI. Client: init only (property `power` at the root of the system description).
 */
#ifndef SESSION_POWER_H
#define SESSION_POWER_H

#include "session.h"

/* Enter the soft-off state S5 (ACPI 6.5, 16.1.6). Returns only with an error: NO_DEVICE: firmware
 * offers none. */
#define POWER_OFF 1

/* Reset the machine (ACPI 6.5, 4.8.3.6). Returns only with an error: NO_DEVICE: no reset register.
 */
#define POWER_RESET 2

#endif
