using TriggerFs.Commands.Worker.Plugins;

namespace TriggerFs.Tests.Commands.Worker.Plugins;

/// <summary>What stands in the programs of plugins: understood or not, and nothing else.</summary>
[Trait("Category", "Fuzz")]
public sealed class ProgramFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Whatever_stands_in_a_program_it_is_linked_with_a_library_or_not()
    {
        byte[] program = File.ReadAllBytes("/bin/sh");
        string path = Path.Combine(_folder.Path, "program");
        File.WriteAllBytes(path, program);
        Assert.True(ElfFile.Needs(path, "libc.so"));
        Fuzz.Rounds("programs", 300, random =>
        {
            byte[] bytes = [.. program];
            for (int change = random.Next(1, 10); change > 0; change--)
                bytes[random.Next(random.Next(2) == 0 ? 1024 : bytes.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(path, random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            _ = ElfFile.Needs(path, "libzmq");
        });
    }
}
