using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>switch/flip</c>: named switches that are 0 or 1 and stay so, a file each in the worker's state folder. The new
/// value is the answer.
/// </summary>
sealed class FlipWork(string folder) : IOwnWork
{
    /// <summary>Two runs of one switch come one after the other; so do those of two, which costs nothing.</summary>
    private readonly Lock _gate = new();

    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "switch/flip",
        "flips a named switch between 0 and 1, or sets it to what the message says: 0, 1, off, on, flip or show",
        "triggerfs client -service demo -plugin switch/flip -args name=lamp -command on",
        new PluginInput("name", Required: true, Pattern: new("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")));

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        string path = Path.Combine(folder, call.Text("name"));
        string word = Encoding.UTF8.GetString(call.Line.Span).Trim().ToLowerInvariant();
        bool value;
        lock (_gate)
        {
            bool before = Read(path);
            value = After(word, before);
            if (value != before || !File.Exists(path)) Keep(path, value);
        }
        await call.WriteAsync(value ? "1\n" : "0\n", stop);
        return 0;
    }

    private static bool After(string word, bool before) => word switch
    {
        "" or "flip" => !before,
        "1" or "on" => true,
        "0" or "off" => false,
        "show" => before,
        _ => throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(word)}' is nothing that a switch does",
            fix: "send 0, 1, off, on, flip or show"),
    };

    private static bool Read(string path) => File.Exists(path) && File.ReadAllText(path).Trim() == "1";

    private void Keep(string path, bool value)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Storage, $"the worker's state folder {folder} cannot be made",
                problem.Message, "set another one: state under [workers]");
        }
        PlainFile.Replace(path, value ? "1\n"u8 : "0\n"u8);
    }
}
