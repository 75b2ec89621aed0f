using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Tests.Fs;

/// <summary>
/// What Fs/Protocol says of the kernel's structs and constants as assertions in C, which a compiler holds against this
/// machine's own linux/fuse.h, for any architecture.
/// </summary>
static class KernelHeader
{
    public const string Path = "/usr/include/linux/fuse.h";

    /// <summary>What came into the header later than 7.31, by the minor version that has it first.</summary>
    private static readonly Dictionary<string, int> Since = new()
    {
        ["FUSE_TMPFILE"] = 37,
        ["FUSE_STATX"] = 39,
        ["FUSE_COPY_FILE_RANGE_64"] = 45,
        ["FUSE_HAS_EXPIRE_ONLY"] = 38,
        ["FUSE_INIT_EXT"] = 36,
        ["FOPEN_NOFLUSH"] = 35,
        ["FUSE_SYNCFS"] = 34,
        ["fuse_in_header.total_extlen"] = 38,
        ["fuse_init_in.flags2"] = 36,
        ["fuse_init_in.unused"] = 36,
        ["fuse_init_out.flags2"] = 36,
        ["fuse_init_out.max_stack_depth"] = 40,
        ["fuse_init_out.request_timeout"] = 43,
        ["fuse_init_out.unused"] = 43,
        ["fuse_create_in.open_flags"] = 33,
        ["fuse_open_in.open_flags"] = 33,
        ["fuse_notify_inval_entry_out.flags"] = 38,
    };

    /// <summary>The structs of the protocol; arrays within them are no structs of the kernel's.</summary>
    public static IEnumerable<Type> Structs { get; } = typeof(InHeader).Assembly.GetTypes().Where(type =>
        type.Namespace == typeof(InHeader).Namespace && type is { IsValueType: true, IsEnum: false }
        && type.GetCustomAttribute<InlineArrayAttribute>() is null);

    public static FieldInfo[] Fields(Type type) =>
        type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    /// <summary>Bytes of a field's type; one that is not of a fixed size on every architecture is an error.</summary>
    public static int Size(Type type)
    {
        if (type.IsEnum) return Size(type.GetEnumUnderlyingType());
        if (type.GetCustomAttribute<InlineArrayAttribute>() is { } array)
            return array.Length * Size(Fields(type).Single().FieldType);
        if (type == typeof(int) || type == typeof(uint)) return 4;
        if (type == typeof(long) || type == typeof(ulong)) return 8;
        if (type == typeof(ushort)) return 2;
        return Structs.Contains(type) ? Fields(type).Sum(field => Size(field.FieldType))
            : throw new ArgumentException($"{type} has no fixed size");
    }

    /// <summary>What a field must be aligned to: the size of the largest number in it.</summary>
    public static int Alignment(Type type) =>
        type.IsEnum || type.IsPrimitive ? Size(type) : Fields(type).Max(field => Alignment(field.FieldType));

    /// <summary>What a compiler says against the assertions on an architecture; empty when all of them hold.</summary>
    public static string Compile(string architecture)
    {
        string[] arguments =
        [
            $"--target={architecture}-linux-gnu", "-isystem", CrossFolder(architecture), "-ffreestanding",
            "-fsyntax-only", "-x", "c", "-",
        ];
        using Process clang = Process.Start(new ProcessStartInfo("clang", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        clang.StandardInput.Write(Assertions());
        clang.StandardInput.Close();
        string complaints = clang.StandardError.ReadToEnd();
        clang.WaitForExit();
        return clang.ExitCode == 0 ? "" : complaints;
    }

    /// <summary>Where the headers of another architecture than this machine's are.</summary>
    public static string CrossFolder(string architecture) => $"/usr/{architecture}-linux-gnu/include";

    private static string Assertions()
    {
        var c = new StringBuilder("#include <linux/fuse.h>\n#include <stddef.h>\n#include <asm-generic/fcntl.h>\n");
        foreach (Type type in Structs)
        {
            string name = "fuse_" + Snake(type.Name);
            // The header's is the longer one, for which FUSE_SETXATTR_EXT would have to be agreed on.
            if (type == typeof(SetxattrIn)) Assert(c, 33, "FUSE_COMPAT_SETXATTR_IN_SIZE", (ulong)Size(type));
            else Assert(c, 31, $"sizeof(struct {name})", (ulong)Size(type));
            int offset = 0;
            foreach (FieldInfo field in Fields(type))
            {
                // What 7.40 calls backing_id is padding to us.
                string member = Snake(field.Name);
                if (member != "padding" && member != "dummy")
                    Assert(c, SinceOf($"{name}.{member}"), $"offsetof(struct {name}, {member})", (ulong)offset);
                offset += Size(field.FieldType);
            }
        }
        Constants<Opcode>(c, "FUSE_");
        Constants<InitFlags>(c, "FUSE_");
        Constants<NotifyCode>(c, "FUSE_NOTIFY_");
        Constants<FopenFlags>(c, "FOPEN_");
        Constants<SetattrValid>(c, "FATTR_");
        // Of the flags of open(2), which OPEN has raw, those that are the same on every architecture.
        Assert(c, 31, "O_ACCMODE", OpenFlags.AccessModeMask);
        Assert(c, 31, "O_WRONLY", OpenFlags.WriteOnly);
        Assert(c, 31, "O_RDWR", OpenFlags.ReadWrite);
        Assert(c, 31, "O_EXCL", OpenFlags.Exclusive);
        Assert(c, 31, "O_NONBLOCK", OpenFlags.NonBlocking);
        return c.ToString();
    }

    private static void Constants<T>(StringBuilder c, string prefix) where T : struct, Enum
    {
        foreach (T value in Enum.GetValues<T>())
        {
            if (value.ToString() == "None") continue;
            string name = prefix + Snake(value.ToString()).ToUpperInvariant().Replace("E64", "E_64");
            Assert(c, SinceOf(name), name, Convert.ToUInt64(value, CultureInfo.InvariantCulture));
        }
    }

    private static void Assert(StringBuilder c, int since, string what, ulong value) => c.Append(
        CultureInfo.InvariantCulture,
        $"#if FUSE_KERNEL_MINOR_VERSION >= {since}\n_Static_assert({what} == {value}ull, \"{what}\");\n#endif\n");

    private static int SinceOf(string name) => Since.GetValueOrDefault(name, 31);

    /// <summary>As C spells a name: AtomicOTrunc is atomic_o_trunc.</summary>
    private static string Snake(string name)
    {
        var snake = new StringBuilder();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && snake.Length > 0) snake.Append('_');
            snake.Append(char.ToLowerInvariant(letter));
        }
        return snake.ToString();
    }
}
