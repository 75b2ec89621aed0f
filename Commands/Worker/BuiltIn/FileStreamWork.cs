using Microsoft.Win32.SafeHandles;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>file/stream</c>: a whole file, byte for byte; with <c>follow</c> also what is written to it from then on, in the
/// file that has its name by then, until the run's time is up or nobody wants it any more.
/// </summary>
sealed class FileStreamWork : IWork
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "file/stream",
        "sends a file, and with follow=true what is added to it until the run ends",
        "triggerfs client -service demo -plugin file/stream -args path=/etc/hostname",
        BuiltInPlugins.PathInput("path"),
        BuiltInPlugins.FlagInput("follow")) with
    {
        Stream = true,
    };

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        string path = call.Text("path");
        bool follows = call.Flag("follow");
        OpenedFile file = Open(path, out string? flaw) ?? throw Unreadable(path, flaw!);
        try
        {
            for (long at = 0; ; await Task.Delay(LookAgain, stop))
            {
                at = await SendAsync(file, at, call, stop);
                if (!follows) return 0;
                using OpenedFile? now = Open(path, out _);
                if (now is null || (IsSame(now, file) && (long)now.Stamp.Size >= at)) continue;
                // It was rotated, or cut: what was written until then is sent, and then the new one.
                if (!IsSame(now, file)) await SendAsync(file, at, call, stop);
                file.Dispose();
                file = Open(path, out flaw) ?? throw Unreadable(path, flaw!);
                at = 0;
            }
        }
        finally
        {
            file.Dispose();
        }
    }

    /// <summary>Sends what there is from an offset on; returns where it ends.</summary>
    private static async Task<long> SendAsync(OpenedFile file, long at, WorkCall call, CancellationToken stop)
    {
        using var handle = new SafeFileHandle(file.Fd, ownsHandle: false);
        byte[] buffer = new byte[Limits.OutputChunkMax];
        for (int length; (length = await RandomAccess.ReadAsync(handle, buffer, at, stop)) > 0; at += length)
            await call.WriteAsync(buffer.AsMemory(0, length), stop);
        return at;
    }

    private static bool IsSame(OpenedFile one, OpenedFile other) =>
        (one.Stamp.Device, one.Stamp.Inode) == (other.Stamp.Device, other.Stamp.Inode);

    private static OpenedFile? Open(string path, out string? flaw)
    {
        OpenedFile? file = OpenedFile.Open(path, read: true, out int errno);
        flaw = file is null ? Native.Describe(errno) : file.IsRegular ? null : "it is no regular file";
        if (flaw is null) return file;
        file?.Dispose();
        return null;
    }

    private static TriggerException Unreadable(string path, string why) =>
        new(ErrorCode.NotFound, $"{path} cannot be read", why);
}
