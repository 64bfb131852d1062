// SPDX-License-Identifier: MIT
// What the language has: data of all kinds, fields of all kinds, control, synchronisation, conversions.
DefinitionBlock ("", "DSDT", 2, "PURLIN", "LANGUAGE", 1)
{
    Name (BUFF, Buffer (8) { 1, 2, 3, 4 })
    Name (TEXT, "text")
    Name (WIDE, Unicode ("wide"))
    Name (PACK, Package (5) { 1, "two", Buffer () { 3 }, Package () { BUFF, TEXT }, NUMB })
    Name (NUMB, 0x123456789abcdef0)
    Mutex (LCK0, 3)
    Event (SIGN)
    Alias (NUMB, SAME)

    OperationRegion (MEMR, SystemMemory, 0xfed00000, 0x100)
    Field (MEMR, DWordAcc, Lock, WriteAsOnes) { REGA, 32, Offset (8), REGB, 7, REGC, 40, AccessAs (ByteAcc), REGD, 8 }
    IndexField (REGA, REGD, ByteAcc, NoLock, Preserve) { INDA, 8, INDB, 12 }
    BankField (MEMR, REGA, 2, ByteAcc, NoLock, Preserve) { Offset (0x20), BNKA, 8 }
    OperationRegion (PORT, SystemIO, 0x600, 8)
    Field (PORT, WordAcc, NoLock, Preserve) { POR0, 16, POR1, 3, POR2, 13 }
    OperationRegion (CONF, PCI_Config, 0x00, 0x1000)
    Field (CONF, AnyAcc, NoLock, Preserve) { CFG0, 32, Offset (0xffc), CFG1, 32 }

    Method (FACT, 1, Serialized, 0)
    {
        If (Arg0 < 2) { Return (1) }
        Return (Arg0 * FACT (Arg0 - 1))
    }
    Method (WORK, 2)
    {
        Local0 = Arg0
        While (Local0)
        {
            Local0--
            If (Local0 == 3) { Continue }
            If (Local0 == 1) { Break }
            Local1 = Local0 << 2 | 1 ^ Local0
        }
        Switch (ToInteger (Local0)) { Case (1) { Local2 = 1 } Default { Local2 = 2 } }
        Local3 = Concatenate (TEXT, NUMB)
        Local3 = Mid (Local3, 1, 4)
        Local4 = ToBuffer (Local3)
        Local4 = ToHexString (BUFF)
        Local4 = ToDecimalString (NUMB)
        Local4 = ToString (BUFF, 3)
        Local5 = SizeOf (PACK) + ObjectType (BUFF)
        Local6 = RefOf (NUMB)
        Local7 = DerefOf (Local6)
        PACK [2] = 7
        Local7 = DerefOf (PACK [0])
        BUFF [1] = 0xff
        CopyObject (BUFF, NUMB)
        Local7 = Match (PACK, MEQ, 1, MTR, 0, 0)
        Divide (100, 7, Local0, Local1)
        Local0 = FindSetLeftBit (Local1) + FindSetRightBit (Local1)
        Local0 = FromBCD (0x99) + ToBCD (42)
        Local0 = CondRefOf (\_SB.NONE, Local1)
        Debug = Local0
        Return (Arg1 + 1)
    }
    Method (_INI)
    {
        Acquire (LCK0, 0x100)
        REGA = 1
        REGC = BUFF
        INDB = 5
        BNKA = REGB
        POR2 = POR1
        CFG1 = CFG0
        Release (LCK0)
        Signal (SIGN)
        Wait (SIGN, 10)
        Reset (SIGN)
        Sleep (1)
        Stall (5)
        CreateField (BUFF, 3, 9, BITS)
        BITS = 0x155
        Local0 = FACT (5) + WORK (4, 1)
        Notify (\_SB.DEV0, 0x80)
        Local0 = Timer
        If (_OSI ("Linux")) { Local1 = _REV }
        Local2 = LoadTable ("SSDT", "PURLIN", "FUZZING", "\\", "", 0)
    }
    Scope (\_SB)
    {
        Device (DEV0)
        {
            Name (_HID, "PNP0A03")
            Name (_BBN, 0)
            Name (_STA, 15)
            Method (_REG, 2) { NUMB = Arg1 }
            Method (_CRS, 0, Serialized)
            {
                Local0 = ResourceTemplate ()
                {
                    DWordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0, 0x1000, 0x1fff, 0, 0x1000)
                    ExtendedMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite,
                        0, 0xd0000000, 0xd0ffffff, 0, 0x1000000)
                    Memory32Fixed (ReadWrite, 0xfed00000, 0x1000)
                    FixedIO (0x80, 1)
                    DMA (Compatibility, NotBusMaster, Transfer8) { 2 }
                    VendorLong () { 1, 2, 3 }
                    GpioInt (Edge, ActiveLow, Exclusive, PullUp, 0, "\\_SB.DEV0") { 3 }
                    I2cSerialBusV2 (0x50, ControllerInitiated, 100000, AddressingMode7Bit, "\\_SB.DEV0")
                    Register (SystemIO, 8, 0, 0x600)
                }
                Return (Local0)
            }
            Name (_PRT, Package ()
            {
                Package () { 0x2ffff, 0, LNK0, 0 },
                Package () { 0x2ffff, 1, Zero, 16 }
            })
            Device (LNK0) { Name (_HID, EisaId ("PNP0C0F")) Method (_CRS) { Return (Buffer () { 0x79, 0 }) } }
            PowerResource (PWR0, 0, 0) { Method (_STA) { Return (1) } Method (_ON) { } Method (_OFF) { } }
        }
        ThermalZone (TZ0) { Method (_TMP) { Return (3000) } }
        Processor (CPU0, 0, 0x410, 6) { }
    }
    Scope (\_GPE) { Method (_L01) { Notify (\_SB.DEV0, 1) } Method (_E02) { } }
}
