using System.Diagnostics;

namespace TriggerFs.Tests.Broker.Store;

/// <summary>A small file system in memory, which can be filled. Skips the test where it cannot be mounted.</summary>
sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public static SmallDisk Mount(string below, string size = "1m")
    {
        Skip.If(!Environment.IsPrivilegedProcess, "only root can mount a small disk");
        string path = System.IO.Path.Join(below, "disk");
        Directory.CreateDirectory(path);
        Skip.If(Run("mount", "-t", "tmpfs", "-o", $"size={size}", "none", path) != 0, "a tmpfs cannot be mounted here");
        return new(path);
    }

    /// <summary>Writes a file until nothing more fits.</summary>
    public void Fill(string name)
    {
        using var file = new FileStream(name, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true) file.Write(block);
        }
        catch (IOException)
        {
            // Full: that is what was wanted.
        }
    }

    public void Dispose() => Run("umount", "-l", Path);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
