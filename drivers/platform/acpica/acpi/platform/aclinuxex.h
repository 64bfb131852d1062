/* SPDX-License-Identifier: MIT */
/* Second half of aclinux.h: ACPICA includes it after its prototypes. Nothing to add. */
