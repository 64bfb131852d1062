/* SPDX-License-Identifier: MIT */
/* What is known of a function on a PCI bus. */
#ifndef PLATFORM_PCI_FUNCTION_H
#define PLATFORM_PCI_FUNCTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_BARS 6
#define PCI_ROM 6 /* place of the expansion ROM after the BARs */

/* Of a bridge. */
enum { PCI_WINDOW_PORTS, PCI_WINDOW_MEMORY, PCI_WINDOW_PREFETCH, PCI_BRIDGE_WINDOWS };

struct pci_bar {
	uint64_t address;
	uint64_t size;	/* 0: none, or upper half of the one before */
	uint32_t flags; /* low four bits of the register */
};

/* Who did not get a function last, and why; "": everybody got it. */
struct pci_refusal {
	char client[32];
	const char *reason;
};

struct pci_function {
	uint16_t bdf;
	uint16_t vendor;
	uint16_t device;
	uint16_t alias; /* what an IOMMU may take it for, too, as firmware says; 0: nothing */
	uint32_t class_revision;
	bool absent;   /* taken out of its slot: this place in the tree is free */
	bool arrived;  /* came at run time, and nobody has had it yet */
	uint64_t came; /* ... when its slot told of it; 0: nobody wants to know any more */
	bool leaving;  /* somebody wants to take it out */
	bool gone;     /* not in its slot any more, and its owner has not released it */
	bool bridge;
	bool fixed;	    /* decoders and capabilities stay as firmware left them */
	uint8_t pin;	    /* 0: none, 1: INTA .. 4: INTD */
	bool intx_maskable; /* has INTx Disable, so Interrupt Status, too (PCI 2.3) */
	bool slot;	    /* ports: there is one behind, ... */
	bool hot_plug;	    /* ... that can be emptied and filled at run time */
	uint16_t slot_number;
	uint8_t secondary;   /* bridges: bus behind it */
	uint8_t subordinate; /* bridges: last bus behind it */
	struct pci_bar
		window[PCI_BRIDGE_WINDOWS];   /* bridges that came at run time: what they pass on */
	uint8_t msi, msix, pm, pcie, af, vpd; /* offsets of capabilities, 0: none */
	uint8_t pcie_type;		      /* PCIE_TYPE_* */
	uint16_t group; /* index of the first of those that reach each other (pci_groups.h) */
	uint16_t acs, acs_control; /* where they are, 0: nowhere; what is switched on */
	uint16_t pcie_control;	   /* as firmware set it, error reports off */
	uint16_t errors;	   /* where they are reported; 0: nowhere */
	unsigned int error_count;
	uint16_t rebar;			  /* where BARs are resized; 0: nowhere */
	uint32_t rebar_control[PCI_BARS]; /* as firmware chose, by number of the pair */
	uint8_t rebars;
	struct pci_function *parent; /* bridge above; NULL: on a root bus */
	const void *owner;	     /* the session that has it */
	bool fresh;		     /* reset since its last session */
	bool quarantined;	     /* what it may still reach is not known: nobody gets it */
	uint8_t resets;		     /* ways to reset it: DEVICES_RESET_* as found at the start */
	struct pci_refusal refused;
	char kept_by[32];      /* component whose settings it may still have; "": nobody's */
	char reserved_for[32]; /* component; "": for whoever's rules mean it (pci_move.h) */
	bool moving;	       /* its owner is to give it back, ... */
	uint64_t give_back_by; /* ... by this time, or has been told that it is gone: 0 */
	struct pci_bar bar[PCI_BARS + 1]; /* and the expansion ROM, not decoded */
};

/* A session has it from now on, or none (NULL). */
void pci_function_owned(struct pci_function *function, const void *owner);

/* Keep for those who look at devices that a client did not get it, or not all of it. */
void pci_function_refuse(struct pci_function *function, const char *client, const char *reason);

/*
 * The session with this label has had it. What could not be reset keeps what its driver did to it,
 * such as firmware that was loaded or addresses that it goes on with: another component gets it
 * only if its description accepts that.
 */
void pci_function_had(struct pci_function *function, const char *label);
bool pci_function_kept_from(const struct pci_function *function, const char *label);
/* Whether another component than that of the label is to have it. */
bool pci_function_reserved_from(const struct pci_function *function, const char *label);

/* Log a line about the function. */
void pci_function_log(const struct pci_function *function, const char *text);

/*
 * Offset of the next capability after `offset` (0: the first); 0: no more. *steps
 * starts at 0 and bounds lists that loop.
 */
unsigned int pci_capability_next(uint16_t bdf, unsigned int offset, unsigned int *steps);
unsigned int pci_extended_capability_next(uint16_t bdf, unsigned int offset, unsigned int *steps);
/* The first with that id; 0: there is none. */
unsigned int pci_extended_capability_find(uint16_t bdf, unsigned int id);

#endif
