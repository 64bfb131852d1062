/* SPDX-License-Identifier: MIT */
/* The machine that the aml target starts: tables in memory of exactly their size, devices, ports.
 */
#ifndef TESTS_FUZZ_USER_AML_H
#define TESTS_FUZZ_USER_AML_H

#include "input.h"

/* Firmware's choices, from the head of the input. */
enum aml_choice {
	AML_ECAM = 1,	   /* MCFG names the windows of both buses */
	AML_ODD_TABLE = 2, /* a length, or a byte of a header, is not what it should be */
	AML_OFF = 4,	   /* the machine is switched off at the end */
};

/*
 * The input: choices, a seed for what registers answer, the length of the DSDT's AML (two bytes),
 * that AML, then the AML of a second table. Returns the choices.
 */
unsigned int aml_machine_make(struct input *input);
void aml_machine_forget(void);

/* Where memory for ACPICA comes from: bounded, and gone after the input. */
void *aml_allocate(size_t size);
void aml_free(void *memory);

/* From here on, the stack is measured. */
void aml_stack_begin(void);

#endif
