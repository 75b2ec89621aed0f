using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker;

/// <summary>
/// The environment of a plugin: the worker's own, without anything that is the worker's business (its token and other
/// <c>TRIGGERFS_</c> settings, systemd's sockets and credentials), and what the plugin is to know of its run.
/// </summary>
sealed class ChildEnvironment
{
    /// <summary>The variable that every process of a run has, by which it is found when it left its family.</summary>
    public const string RunMark = "TRIGGERFS_RUN_ID=";

    /// <summary>The same, of a program that serves many runs.</summary>
    public const string ServerMark = "TRIGGERFS_PROCESS_ID=";

    /// <summary>The descriptor of the first thing that is handed to a program.</summary>
    public const int FirstHandedFd = 3;

    private static readonly string[] OfTheWorker =
    [
        "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES",
        "CREDENTIALS_DIRECTORY", "JOURNAL_STREAM", "INVOCATION_ID", "MAINPID",
    ];

    private readonly StringBlock _inherited = new();

    /// <param name="environ">The worker's environment as in /proc/self/environ: strings that end in NUL.</param>
    /// <param name="worker">The worker's identity.</param>
    /// <param name="allowed">Patterns of the variables that pass; null for all that are not the worker's own.</param>
    public ChildEnvironment(ReadOnlySpan<byte> environ, string worker, ImmutableArray<string>? allowed = null)
    {
        Worker = worker;
        foreach (Range range in environ.Split((byte)0))
        {
            ReadOnlySpan<byte> variable = environ[range];
            if (Passes(variable) && IsAllowed(variable, allowed)) _inherited.Add(variable);
        }
    }

    /// <summary>The worker's identity.</summary>
    public string Worker { get; }

    /// <summary>The environment that this process was started with, byte for byte.</summary>
    public static ChildEnvironment OfThisProcess(string worker, ImmutableArray<string>? allowed) =>
        new(File.ReadAllBytes("/proc/self/environ"), worker, allowed);

    /// <summary>The environment of a program that serves many runs: nothing of any of them.</summary>
    public StringBlock ForMany(ulong mark, string contract)
    {
        var block = new StringBlock(_inherited);
        block.Add(ServerMark, mark.ToString(CultureInfo.InvariantCulture));
        block.Add("TRIGGERFS_WORKER=", Worker);
        block.Add("TRIGGERFS_CONTRACT=", contract);
        return block;
    }

    /// <summary>The environment of one run and its arguments; refuses those that cannot be variables.</summary>
    /// <param name="call">The run.</param>
    /// <param name="handed">The arguments that are at descriptors instead, from 3 on in this order.</param>
    public StringBlock For(in PluginCall call, params ReadOnlySpan<string> handed)
    {
        StringBlock block = ForTold(call);
        AddArgs(block, call.Args, handed);
        return block;
    }

    /// <summary>The environment of one run that is told its arguments in another way.</summary>
    public StringBlock ForTold(in PluginCall call)
    {
        Run run = call.Run;
        var block = new StringBlock(_inherited);
        block.Add(RunMark, run.Id.Value.ToString(CultureInfo.InvariantCulture));
        block.Add("TRIGGERFS_TEAM="u8, run.Team);
        block.Add("TRIGGERFS_SERVICE="u8, run.Service);
        block.Add("TRIGGERFS_WORKER=", Worker);
        block.Add("TRIGGERFS_USER="u8, run.User);
        block.Add("TRIGGERFS_TRIGGER="u8, run.Trigger);
        block.Add("TRIGGERFS_TIMEOUT=", Seconds(call.TimeoutMs));
        block.Add("TRIGGERFS_ATTEMPT=", run.Attempt.ToString(CultureInfo.InvariantCulture));
        block.Add("TRIGGERFS_HOPS=", run.Hops.ToString(CultureInfo.InvariantCulture));
        if (run.Message != MessageId.None) block.Add("TRIGGERFS_MESSAGE_ID=", run.Message.Value.ToString("x32"));
        if (WrittenAt(run) is { } written) block.Add("TRIGGERFS_WRITTEN=", written);
        if (run.Parent != default)
            block.Add("TRIGGERFS_PARENT=", run.Parent.Value.ToString(CultureInfo.InvariantCulture));
        return block;
    }

    /// <summary>When a message was written, as RFC 3339 has it; null for a time that cannot be, and for none.</summary>
    public static string? WrittenAt(in Run run) =>
        run.WrittenUnixMs is > 0 and < Rfc3339.UnixMsMax ? Rfc3339.Milliseconds(run.WrittenUnixMs) : null;

    /// <summary>The variable's name of an argument: upper case, and '_' for all but letters and digits.</summary>
    public static string VariableOf(string key)
    {
        var name = new StringBuilder("TRIGGERFS_ARG_");
        foreach (Rune letter in key.EnumerateRunes())
        {
            bool isPlain = letter.IsAscii && Rune.IsLetterOrDigit(letter);
            name.Append(isPlain ? char.ToUpperInvariant((char)letter.Value) : '_');
        }
        return name.ToString();
    }

    private static void AddArgs(
        StringBlock block, List<KeyValuePair<string, string>> args, ReadOnlySpan<string> handed)
    {
        var keys = new Dictionary<string, string>();
        foreach ((string key, string value) in args)
        {
            int at = handed.IndexOf(key);
            string name = at < 0 ? VariableOf(key) : VariableOf(key) + "_FD";
            if (!keys.TryAdd(name, key))
                throw new TriggerException(ErrorCode.Invalid,
                    $"the arguments '{NameRule.Shown(keys[name])}' and '{NameRule.Shown(key)}' are one to a plugin",
                    $"both are the variable {name}", "rename one of them");
            if (at < 0 && value.Contains('\0'))
                throw new TriggerException(ErrorCode.Invalid, $"the argument '{NameRule.Shown(key)}' has a NUL byte",
                    "a program's environment cannot hold one", "send binary data as the message");
            block.Add(name + "=", at < 0 ? value : (FirstHandedFd + at).ToString(CultureInfo.InvariantCulture));
        }
    }

    private static bool Passes(ReadOnlySpan<byte> variable)
    {
        if (variable.IndexOf((byte)'=') <= 0 || variable.StartsWith("TRIGGERFS_"u8)) return false;
        foreach (string name in OfTheWorker)
            if (variable.Length > name.Length && variable[name.Length] == '=' &&
                Ascii.Equals(variable[..name.Length], name)) return false;
        return true;
    }

    private static bool IsAllowed(ReadOnlySpan<byte> variable, ImmutableArray<string>? allowed) =>
        allowed is not { } patterns || Patterns.Match(
            patterns, Encoding.UTF8.GetString(variable[..variable.IndexOf((byte)'=')]));

    /// <summary>As <c>timeout</c>(1) and <c>curl --max-time</c> take it.</summary>
    private static string Seconds(uint ms) => (ms / 1000.0).ToString("0.###", CultureInfo.InvariantCulture);
}
