// SPDX-License-Identifier: MIT
// A desktop with more links than lines: others with I/O APICs than without, by a pair of ports and
// by configuration space, with extended descriptors, some of several choices.
DefinitionBlock ("", "DSDT", 2, "PURLIN", "DESKTOP", 1)
{
    Name (PICM, Zero)
    Method (_PIC, 1) { PICM = Arg0 }
    Scope (_SB)
    {
        OperationRegion (PIRQ, SystemIO, 0xc00, 2)
        Field (PIRQ, ByteAcc, NoLock, Preserve) { PIDX, 8, PDAT, 8 }
        IndexField (PIDX, PDAT, ByteAcc, NoLock, Preserve) { PIRA, 8, PIRB, 8 }
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_CRS, ResourceTemplate ()
            {
                WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0xd00, 0xffff, 0, 0xf300)
                DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                    0, 0xd0000000, 0xfebfffff, 0, 0x2ec00000)
            })
            Method (_PRT)
            {
                If (PICM)
                {
                    Return (Package ()
                    {
                        Package () { 0x0001ffff, 0, \_SB.PCI0.APC1, 0 },
                        Package () { 0x0001ffff, 1, \_SB.PCI0.APC2, 0 },
                        Package () { 0x0002ffff, 0, \_SB.PCI0.APC1, 0 },
                        Package () { 0x0003ffff, 0, \_SB.PCI0.APCF, 0 },
                        Package () { 0x0004ffff, 0, \_SB.PCI0.APCH, 0 },
                        Package () { 0x0005ffff, 0, \_SB.NONE, 0 },
                    })
                }
                Return (Package ()
                {
                    Package () { 0x0001ffff, 0, \_SB.INTA, 0 },
                    Package () { 0x0001ffff, 1, \_SB.INTB, 0 },
                })
            }
            Device (SBRG)
            {
                Name (_ADR, 0x00010000)
                OperationRegion (ROUT, PCI_Config, 0x7c, 8)
                Field (ROUT, DWordAcc, NoLock, Preserve) { RTA1, 4, RTA2, 4, RTAF, 4, RTAH, 4 }
            }
            // Has a choice of firmware's that is none of the possible ones.
            Device (APC1)
            {
                Name (_HID, EisaId ("PNP0C0F"))
                Name (_UID, 0x15)
                Method (_STA) { If (^^SBRG.RTA1) { Return (11) } Return (9) }
                Method (_DIS) { ^^SBRG.RTA1 = 0 }
                Name (_PRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 16 } })
                Method (_CRS, 0, Serialized)
                {
                    Name (BUF, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 0 } })
                    CreateByteField (BUF, 5, NUM)
                    If (^^SBRG.RTA1 == 8) { NUM = 16 } Else { NUM = ^^SBRG.RTA1 }
                    Return (BUF)
                }
                Method (_SRS, 1) { ^^SBRG.RTA1 = 8 }
            }
            Device (APC2)
            {
                Name (_HID, EisaId ("PNP0C0F"))
                Name (_UID, 0x16)
                Name (_PRS, ResourceTemplate ()
                {
                    Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 20, 21, 22, 23 }
                })
                Method (_CRS, 0, Serialized)
                {
                    Name (BUF, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 0 } })
                    CreateDWordField (BUF, 5, NUM)
                    If (^^SBRG.RTA2) { NUM = ^^SBRG.RTA2 + 15 }
                    Return (BUF)
                }
                Method (_SRS, 1)
                {
                    CreateDWordField (Arg0, 5, NUM)
                    ^^SBRG.RTA2 = NUM - 15
                }
            }
            // In sets of which one is to be chosen; _CRS is empty.
            Device (APCF)
            {
                Name (_HID, EisaId ("PNP0C0F"))
                Name (_UID, 0x17)
                Name (_PRS, ResourceTemplate ()
                {
                    StartDependentFn (0, 0) { Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 20 } }
                    StartDependentFn (1, 1) { Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 21 } }
                    EndDependentFn ()
                })
                Name (_CRS, ResourceTemplate () { })
                Method (_SRS, 1) { ^^SBRG.RTAF = 5 }
            }
            // Disabled for good: no choice, and no interrupt.
            Device (APCH)
            {
                Name (_HID, EisaId ("PNP0C0F"))
                Name (_UID, 0x18)
                Name (_STA, 9)
                Name (_CRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 0 } })
                Method (_SRS, 1) { ^^SBRG.RTAH = 1 }
            }
        }
        Device (NONE)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 0x19)
        }
        Device (INTA)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 1)
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { 5, 10, 11 } })
            Method (_CRS, 0, Serialized)
            {
                Name (BUF, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { } })
                CreateWordField (BUF, 1, MASK)
                If (PIRA) { MASK = One << PIRA }
                Return (BUF)
            }
            Method (_SRS, 1)
            {
                CreateWordField (Arg0, 1, MASK)
                FindSetRightBit (MASK, Local0)
                PIRA = Local0 - 1
            }
        }
        Device (INTB)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 2)
            Name (_PRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { 5, 10, 11 } })
            Name (_CRS, ResourceTemplate () { IRQ (Level, ActiveLow, Shared) { } })
            Method (_SRS, 1)
            {
                CreateWordField (Arg0, 1, MASK)
                FindSetRightBit (MASK, Local0)
                PIRB = Local0 - 1
            }
        }
    }
}
