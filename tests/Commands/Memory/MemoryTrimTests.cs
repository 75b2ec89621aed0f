using TriggerFs.Commands.Memory;

namespace TriggerFs.Tests.Commands.Memory;

public class MemoryTrimTests
{
    private static readonly string[] Smaps =
    [
        "55a3aefeb000-55a3af079000 r--p 00000000 fe:00 5382197                    /usr/bin/triggerfs",
        "Size:                568 kB",
        "Anonymous:             0 kB",
        "VmFlags: rd mr mw me sd ",
        "55a3af079000-55a3afaf8000 r-xp 0008e000 fe:00 5382197                    /usr/bin/triggerfs",
        "Anonymous:             0 kB",
        "55a3afe2d000-55a3b0164000 r--p 00e42000 fe:00 5382197                    /usr/bin/triggerfs",
        "Anonymous:          1292 kB",
        "55a3b01c3000-55a3b01f4000 rw-p 011d7000 fe:00 5382197                    /usr/bin/triggerfs",
        "Anonymous:             0 kB",
        "55a3b01f4000-55a3b0559000 rw-p 00000000 00:00 0 ",
        "Anonymous:             0 kB",
        "7fc04a8f0000-7fc04aa46000 r-xp 00026000 fe:00 332096                     /usr/lib/libc.so.6",
        "Anonymous:             0 kB",
    ];

    [Fact]
    public void What_can_be_had_again_from_the_programs_file_is_found_and_nothing_that_was_written() => Assert.Equal(
        [
            new(unchecked((nuint)0x55a3aefeb000), 0x8e000),
            new(unchecked((nuint)0x55a3af079000), 0xa7f000),
        ],
        FilePages.Find(Smaps, "/usr/bin/triggerfs"));

    [Theory]
    [InlineData("/usr/bin/other")]
    [InlineData(null)]
    public void A_program_that_is_not_mapped_has_nothing_to_give_back(string? program) =>
        Assert.Empty(FilePages.Find(Smaps, program));

    [Fact]
    public void A_process_goes_on_after_it_gave_its_memory_back()
    {
        using var trim = MemoryTrim.WhenQuiet();
        Assert.Null(Record.Exception(trim.GiveBack));
    }
}
