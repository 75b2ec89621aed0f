using System.Diagnostics;
using System.Text.RegularExpressions;
using TriggerFs.Core.Messages;
using TriggerFs.Fs;
using TriggerFs.Fs.Kernel;
using TriggerFs.Fs.Nodes;

namespace TriggerFs.Tests.Fs;

/// <summary>
/// A real mount of this process with a fake broker behind it. Only child programs touch the files, each with a
/// deadline: a bug here must not hang the tests.
/// </summary>
sealed partial class RealMount : IDisposable
{
    private static readonly TimeSpan RunMax = TimeSpan.FromSeconds(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("triggerfs-mount-").FullName;

    private RealMount(TreeNode[] nodes, bool byFusermount, bool allowOther)
    {
        Sink = new() { Tree = Tree };
        Tree.Apply(Nodes.Snapshot(nodes));
        Path = System.IO.Path.Combine(_folder, "mnt");
        var options = new MountOptions(Path, AllowOther: allowOther, ByFusermount: byFusermount);
        Session = FuseSession.Start(options, Tree, Sink, Log, Reports.Add);
        Assert.True(Session.Ready.Wait(RunMax), "the kernel did not say INIT");
    }

    public TriggerTree Tree { get; } = new();

    public FakeSink Sink { get; }

    public FuseSession Session { get; }

    public BugLog Log { get; } = new();

    public string Path { get; }

    /// <summary>A folder beside the mount, for the programs' own files.</summary>
    public string Beside => _folder;

    public List<string> Reports { get; } = [];

    /// <summary>Skips the test where there is no FUSE.</summary>
    public static RealMount Make(params TreeNode[] nodes) =>
        Make(byFusermount: false, allowOther: false, nodes);

    public static RealMount Make(bool byFusermount, bool allowOther, params TreeNode[] nodes)
    {
        SkipWithoutFuse();
        return new(nodes, byFusermount, allowOther);
    }

    public static void SkipWithoutFuse()
    {
        try
        {
            using FileStream device = new(FuseDevice.Path, FileMode.Open, FileAccess.ReadWrite);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            Skip.If(true, $"{FuseDevice.Path} cannot be opened: {problem.Message}");
        }
        Skip.IfNot(Environment.IsPrivilegedProcess, "mount(2) is for root");
    }

    /// <summary>Runs a script of bash in the mountpoint, which it finds in $M; $B is the folder beside it.</summary>
    public Outcome Run(string script)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", $"cd \"$M\" || exit 99; {script}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
            Environment = { ["M"] = Path, ["B"] = _folder, ["LC_ALL"] = "C.UTF-8" },
        };
        using Process bash = Process.Start(start)!;
        bash.StandardInput.Close();
        Task<string> output = bash.StandardOutput.ReadToEndAsync();
        Task<string> errors = bash.StandardError.ReadToEndAsync();
        if (!bash.WaitForExit(RunMax))
        {
            bash.Kill(entireProcessTree: true);
            throw new TimeoutException($"still running after {RunMax}: {script}");
        }
        // Something that it left in the background may hold its output open.
        if (!Task.WaitAll([output, errors], RunMax)) throw new TimeoutException($"it left something behind: {script}");
        return new(bash.ExitCode, output.Result, errors.Result);
    }

    /// <summary>
    /// What the kernel asked us while a script ran well, in the order of the requests, such as <c>Lookup 2 't'</c>.
    /// </summary>
    public List<string> RequestsOf(string script)
    {
        int before = Log.Lines.Count;
        Log.IsVerbose = true;
        Outcome run = Run(script);
        Log.IsVerbose = false;
        Assert.Equal((0, ""), (run.Exit, run.Error));
        return [.. Log.Lines.Skip(before).Select(line => RequestLine().Match(line)).Where(match => match.Success)
            .Select(match => $"{match.Groups[1]} {match.Groups[2]}{match.Groups[3]}")];
    }

    public void Dispose()
    {
        Session.Dispose();
        Assert.Null(Log.First);
        Assert.Null(MountTable.At(Path));
        Directory.Delete(_folder, recursive: true);
    }

    [GeneratedRegex(@"^Debug: (\w+) of node (\d+)( '.*')? for process")]
    private static partial Regex RequestLine();

    internal sealed record Outcome(int Exit, string Out, string Error);
}
