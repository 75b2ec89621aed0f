using TriggerFs.Commands.Memory;

namespace TriggerFs.Tests.Commands.Memory;

public class MemoryTrimTests
{
    private static readonly string[] Maps =
    [
        "55a3aefeb000-55a3af079000 r--p 00000000 fe:00 5382197                    /usr/bin/triggerfs",
        "55a3af079000-55a3afaf8000 r-xp 0008e000 fe:00 5382197                    /usr/bin/triggerfs",
        "55a3b01f4000-55a3b0559000 rw-p 00000000 00:00 0 ",
        "7fc04a8f0000-7fc04aa46000 r-xp 00026000 fe:00 332096                     /usr/lib/libc.so.6",
    ];

    [Fact]
    public void The_code_of_the_program_is_found_among_its_mappings() =>
        Assert.Equal(new(unchecked((nuint)0x55a3af079000), 0xa7f000), MappedCode.Find(Maps, "/usr/bin/triggerfs"));

    [Theory]
    [InlineData("/usr/bin/other")]
    [InlineData(null)]
    public void A_program_that_is_not_mapped_has_no_code_to_give_back(string? program) =>
        Assert.Equal(default, MappedCode.Find(Maps, program));

    [Fact]
    public void A_process_goes_on_after_it_gave_its_memory_back()
    {
        using var trim = MemoryTrim.WhenQuiet();
        Assert.Null(Record.Exception(trim.GiveBack));
    }
}
