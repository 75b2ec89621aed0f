using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Tests.Fs;

public sealed partial class StructTests
{
    /// <summary>
    /// The compiler puts nothing between numbers that are aligned by themselves, so the layout is the same on x64 and
    /// arm64.
    /// </summary>
    [Fact]
    public void Every_struct_is_made_of_numbers_of_a_fixed_size_without_a_gap()
    {
        foreach (Type type in KernelHeader.Structs)
        {
            int offset = 0;
            foreach (FieldInfo field in KernelHeader.Fields(type))
            {
                Assert.True(
                    offset % KernelHeader.Alignment(field.FieldType) == 0, $"a gap before {type.Name}.{field.Name}");
                offset += KernelHeader.Size(field.FieldType);
            }
            Assert.True(offset % KernelHeader.Alignment(type) == 0, $"a gap at the end of {type.Name}");
        }
    }

    [SkippableTheory]
    [InlineData("x86_64")]
    [InlineData("aarch64")]
    public void Every_struct_flag_and_opcode_is_as_in_the_kernels_header(string architecture)
    {
        Skip.IfNot(File.Exists(KernelHeader.Path), $"there is no {KernelHeader.Path}: apt install linux-libc-dev");
        Skip.IfNot(
            Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(at => File.Exists(Path.Combine(at, "clang"))),
            "there is no clang");
        bool isOurs = (RuntimeInformation.ProcessArchitecture == Architecture.Arm64) == (architecture == "aarch64");
        string headers = KernelHeader.CrossFolder(architecture);
        Skip.IfNot(isOurs || Directory.Exists(headers), $"there is no {headers}: see TEST_PACKAGES in the Makefile");
        Assert.Equal("", KernelHeader.Compile(architecture));
    }

    [SkippableFact]
    public void Every_opcode_of_this_machines_kernel_header_has_a_row()
    {
        Skip.IfNot(File.Exists(KernelHeader.Path), $"there is no {KernelHeader.Path}: apt install linux-libc-dev");
        string text = File.ReadAllText(KernelHeader.Path);
        string opcodes = text[text.IndexOf("enum fuse_opcode", StringComparison.Ordinal)..];
        opcodes = opcodes[..opcodes.IndexOf("CUSE_INIT", StringComparison.Ordinal)]; // Character devices only.
        MatchCollection found = OpcodeLine().Matches(opcodes);
        Assert.True(found.Count >= 45);
        foreach (Match opcode in found)
        {
            var number = (Opcode)uint.Parse(opcode.Groups[2].Value, CultureInfo.InvariantCulture);
            Assert.True(Handlers.Rows.ContainsKey(number), $"{opcode.Groups[1].Value} has no row");
        }
    }

    [Fact]
    public void Every_struct_has_the_size_of_the_kernels_header()
    {
        Assert.Equal(40, Unsafe.SizeOf<InHeader>());
        Assert.Equal(16, Unsafe.SizeOf<OutHeader>());
        Assert.Equal(64, Unsafe.SizeOf<InitIn>());
        Assert.Equal(64, Unsafe.SizeOf<InitOut>());
        Assert.Equal(8, Unsafe.SizeOf<InterruptIn>());
        Assert.Equal(88, Unsafe.SizeOf<Attr>());
        Assert.Equal(128, Unsafe.SizeOf<EntryOut>());
        Assert.Equal(104, Unsafe.SizeOf<AttrOut>());
        Assert.Equal(16, Unsafe.SizeOf<GetattrIn>());
        Assert.Equal(88, Unsafe.SizeOf<SetattrIn>());
        Assert.Equal(80, Unsafe.SizeOf<Kstatfs>());
        Assert.Equal(8, Unsafe.SizeOf<ForgetIn>());
        Assert.Equal(8, Unsafe.SizeOf<BatchForgetIn>());
        Assert.Equal(16, Unsafe.SizeOf<ForgetOne>());
        Assert.Equal(16, Unsafe.SizeOf<MknodIn>());
        Assert.Equal(8, Unsafe.SizeOf<MkdirIn>());
        Assert.Equal(8, Unsafe.SizeOf<RenameIn>());
        Assert.Equal(16, Unsafe.SizeOf<Rename2In>());
        Assert.Equal(8, Unsafe.SizeOf<LinkIn>());
        Assert.Equal(16, Unsafe.SizeOf<CreateIn>());
        Assert.Equal(24, Unsafe.SizeOf<Dirent>());
        Assert.Equal(8, Unsafe.SizeOf<OpenIn>());
        Assert.Equal(16, Unsafe.SizeOf<OpenOut>());
        Assert.Equal(24, Unsafe.SizeOf<ReleaseIn>());
        Assert.Equal(24, Unsafe.SizeOf<FlushIn>());
        Assert.Equal(16, Unsafe.SizeOf<FsyncIn>());
        Assert.Equal(40, Unsafe.SizeOf<ReadIn>());
        Assert.Equal(40, Unsafe.SizeOf<WriteIn>());
        Assert.Equal(8, Unsafe.SizeOf<WriteOut>());
        Assert.Equal(24, Unsafe.SizeOf<PollIn>());
        Assert.Equal(8, Unsafe.SizeOf<PollOut>());
        Assert.Equal(24, Unsafe.SizeOf<NotifyInvalInodeOut>());
        Assert.Equal(16, Unsafe.SizeOf<NotifyInvalEntryOut>());
        Assert.Equal(24, Unsafe.SizeOf<NotifyDeleteOut>());
        Assert.Equal(8, Unsafe.SizeOf<NotifyPollWakeupOut>());
    }

    [GeneratedRegex(@"(FUSE_\w+)\s*=\s*(\d+)")]
    private static partial Regex OpcodeLine();
}
