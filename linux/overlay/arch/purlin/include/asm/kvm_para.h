/* SPDX-License-Identifier: GPL-2.0 */
/* Linux's lockup detectors ask by these names whether the machine stood still: kernel/stopped.c. */
#ifndef _ASM_PURLIN_KVM_PARA_H
#define _ASM_PURLIN_KVM_PARA_H

#include <uapi/asm-generic/kvm_para.h>

/* True once for each time that the machine stood still, and then all detectors begin anew. */
bool kvm_check_and_clear_guest_paused(void);

static inline unsigned int kvm_arch_para_features(void)
{
	return 0;
}

static inline unsigned int kvm_arch_para_hints(void)
{
	return 0;
}

static inline bool kvm_para_available(void)
{
	return false;
}

#endif
