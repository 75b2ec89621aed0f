namespace TriggerFs.Tests;

/// <summary>A folder of a test's own, removed with all that is in it.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("triggerfs-test-").FullName;

    /// <summary>Writes a file below the folder, making directories as needed; returns its whole path.</summary>
    public string Write(string name, string text)
    {
        string path = System.IO.Path.Join(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
