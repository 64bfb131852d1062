/* SPDX-License-Identifier: MIT */
/* What a unit of VT-d stopped (VT-d 4.1, 7.3 and 11.4.14). */
#ifndef PLATFORM_VTD_FAULTS_H
#define PLATFORM_VTD_FAULTS_H

#include "dma_domain.h"
#include "vtd_unit.h"

/* Send this message when something was stopped. */
void vtd_faults_start(const struct vtd_unit *unit, const struct message_interrupt *interrupt);

/* Take the next record. False: there is none. */
bool vtd_fault_next(const struct vtd_unit *unit, struct dma_fault *fault);

#endif
