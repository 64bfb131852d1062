// SPDX-License-Identifier: MIT
// Root bridges that make no sense, and accesses to configuration space beyond a function.
DefinitionBlock ("", "DSDT", 2, "PURLIN", "ODD", 1)
{
    Scope (_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_BBN, 0)
            Name (_CRS, ResourceTemplate ()
            {
                QWordMemory (ResourceProducer, PosDecode, MinNotFixed, MaxNotFixed, Prefetchable, ReadWrite,
                    0, 0xfffffffffffff000, 0xffffffffffffffff, 0, 0x1000, , , WIDE)
            })
            Device (LAST)
            {
                Name (_ADR, 0x001f0007)
                OperationRegion (CONF, PCI_Config, 0, 0x4000)
                Field (CONF, DWordAcc, NoLock, Preserve) { Offset (0x1ffc), FAR, 32 }
                Method (_INI) { FAR = 1 Local0 = FAR }
            }
        }
        Device (PCI1)
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_BBN, 0x101)
        }
        Device (PCI2)
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_SEG, 1)
            Name (_BBN, 0)
        }
    }
}
