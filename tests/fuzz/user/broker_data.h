/* SPDX-License-Identifier: MIT */
/* What the broker keeps lies in sections of its own, so that it can begin anew with each input. */
#pragma clang section bss = "broker_bss" data = "broker_data"
