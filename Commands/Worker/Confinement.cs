using System.Globalization;
using System.Text;
using TriggerFs.Commands.Worker.Groups;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// The limits under which a worker's programs run. posix_spawn cannot set them, so the worker starts this very program
/// with <see cref="Word"/>, which takes them upon itself and then becomes the plugin's program: same process, nothing
/// between.
/// </summary>
/// <param name="Program">The file of this program.</param>
/// <param name="User">Who they run as; null for the worker's own user.</param>
/// <param name="Umask">The file mode creation mask, or null.</param>
/// <param name="Memory">Bytes of data that each process may have, or null.</param>
/// <param name="NoFile">Descriptors that each process may have, or null.</param>
/// <param name="Nice">By how much they give way to others, or null.</param>
sealed record Confinement(string Program, UserIds? User, int? Umask, long? Memory, int? NoFile, int? Nice)
{
    /// <summary>The first argument of this program when it is to become another one.</summary>
    public const string Word = "run-confined";

    private const string Nothing = "-";

    /// <summary>
    /// What a policy asks for; null when it asks for none of it. A user that cannot be is refused.
    /// </summary>
    /// <param name="policy">What the settings say.</param>
    /// <param name="program">The file of this program.</param>
    /// <param name="hasGroups">Whether programs get control groups, which they enter by themselves.</param>
    public static Confinement? Of(WorkerPolicy policy, string program, bool hasGroups = false)
    {
        UserIds? user = policy.User is { } name ? UserIds.Find(name) : null;
        if (user is not null && Native.EffectiveUser() is not 0 and var self && self != user.User)
            throw new TriggerException(ErrorCode.Settings, $"plugins cannot run as user '{policy.User}'",
                $"this worker runs as user {self}, and only root can run programs as somebody else",
                "start the worker as root, or as that user and without 'user'");
        if (Native.EffectiveUser() != 0) user = null; // It is the worker's own.
        return (user, policy.Umask, policy.Memory, policy.NoFile, policy.Nice) is (null, null, null, null, null)
            && !hasGroups ? null : new(program, user, policy.Umask, policy.Memory, policy.NoFile, policy.Nice);
    }

    /// <summary>The arguments with which this program becomes another one.</summary>
    /// <param name="start">The other one.</param>
    /// <param name="group">The control group that it enters; null for none.</param>
    public StringBlock Arguments(ProgramStart start, string? group)
    {
        var arguments = new StringBlock();
        arguments.Add("triggerfs");
        arguments.Add(Word);
        arguments.Add(User?.ToString() ?? Nothing);
        foreach (long? number in (long?[])[Umask, Memory, NoFile, Nice])
            arguments.Add(number?.ToString(CultureInfo.InvariantCulture) ?? Nothing);
        arguments.Add(group ?? Nothing);
        arguments.Add(start.Path);
        foreach (ReadOnlySpan<byte> argument in start.Arguments) arguments.Add(argument);
        return arguments;
    }

    /// <summary>
    /// In the new process: takes the limits and becomes the program. Returns only when that fails, with what a shell
    /// has for a program that cannot be run.
    /// </summary>
    public static int Enter(string[] args)
    {
        if (args is not [Word, var user, var umask, var memory, var noFile, var nice, var group, var path, _, ..])
        {
            Console.Error.WriteLine($"triggerfs: {Word} is how a worker starts its plugins, and nothing to type");
            return ExitCodes.Usage;
        }
        // That it is gone is no reason not to run: it has held for nobody then.
        if (group != Nothing) ControlGroups.Join(group);
        string problem = Take(user, umask, noFile, nice) ?? Become(path, args[8..], Number(memory));
        Console.Error.WriteLine($"triggerfs: {path} cannot be started: {problem}");
        return 126;
    }

    private static string? Take(string user, string umask, string noFile, string nice)
    {
        if (Number(umask) is { } mask) _ = Native.SetUmask((uint)mask);
        if (Number(nice) is { } step) _ = Native.Nice((int)step);
        if (Number(noFile) is { } files && !Native.Limit(Native.RLIMIT_NOFILE, files))
            return $"nofile = {files}: {Native.Describe(Native.Errno)}";
        if (user == Nothing || UserIds.Parse(user) is not { } ids || ids.Become()) return null;
        return $"user {ids.User}: {Native.Describe(Native.Errno)}";
    }

    private static unsafe string Become(string path, string[] argv, long? memory)
    {
        var strings = new StringBlock();
        foreach (string argument in argv) strings.Add(argument);
        byte[] file = Encoding.UTF8.GetBytes(path + "\0");
        // What is ignored would stay so: .NET ignores SIGPIPE.
        for (int signal = 1; signal <= 64; signal++) Native.Signal(signal, 0);
        byte** table = stackalloc byte*[strings.Count + 1];
        fixed (byte* program = file, bytes = strings.Bytes)
        {
            for (int i = 0; i < strings.Count; i++) table[i] = bytes + strings.Starts[i];
            table[strings.Count] = null;
            byte nowhere = 0;
            Native.Execute(&nowhere, table); // So that the call is loaded while there is memory to load it.
            if (memory is { } data && !Native.Limit(Native.RLIMIT_DATA, data))
                return $"memory = {data}: {Native.Describe(Native.Errno)}";
            Native.Execute(program, table);
        }
        return Native.Describe(Native.Errno);
    }

    private static long? Number(string text) =>
        text == Nothing ? null : long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
