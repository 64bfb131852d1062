/* SPDX-License-Identifier: MIT */
/*
 * What must hold of all kernel objects together whenever the lock is free: every page charged is
 * accounted for, references are as many as there are pointers, a thread is in the queue of its
 * state, and what two objects say of each other agrees.
 */
#ifndef CHECKS_ON_OBJECTS_H
#define CHECKS_ON_OBJECTS_H

#include "base/types.h"

struct irq;
struct list;
struct object;
struct pd;
struct processor;
struct signal_binding;
struct thread;
struct timeout;

/* A check that fails ends in a panic that says which, and where it stands. */
#define CHECK(condition) \
	((condition) ? (void)0 : panic("check: %s, %s %u", #condition, __FILE__, __LINE__))

/* All objects, from an account down; `roots`: the other objects made at boot. */
void objects_check(struct object *account, struct object *const *roots, unsigned int count);

/*
 * A part that costs little: who runs on the processor, and one of its ready queues after the other.
 */
void objects_check_some(struct processor *processor);

/* For pds.c and the architecture's checks: a pointer in the kernel that counts as a reference. */
void reference_seen(const struct object *object);
void binding_check(const struct signal_binding *binding);
void timeout_check(const struct timeout *timeout);
/* Linked both ways; returns how many are in it. */
unsigned int list_check(const struct list *list);

/* pds.c: returns the pages that the PD's account pays for it, besides its slab. */
uint64_t pd_check(struct pd *pd);

/*
 * What the architecture adds. Each returns how many pages the account pays for what the
 * architecture keeps: of the PD's space or guest, of a thread, of an object of a type that only it
 * knows.
 */
uint64_t arch_check_space(struct pd *pd);
uint64_t arch_check_thread(struct thread *thread);
uint64_t arch_check_object(struct object *object);
/* The interrupt's line or message is its own; the line is open or closed as it should be. */
void arch_check_irq(const struct irq *irq, bool closed);
/* The page tables of a PD are as its regions or attachments say. */
void arch_check_pd(struct pd *pd);

#endif
