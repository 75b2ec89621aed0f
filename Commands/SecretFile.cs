using TriggerFs.Core;

namespace TriggerFs.Commands;

/// <summary>Files with secrets in them: who may read them, and how they are written.</summary>
static class SecretFile
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>
    /// What to tell a person whose settings have secrets that others can read, or null when all is well.
    /// </summary>
    public static string? Warning(string path, Settings settings)
    {
        if (settings.SecretLine is not { } line || (File.GetUnixFileMode(path) & Others) == 0) return null;
        return $"triggerfs: warning: {path}:{line}: this is a secret, and others can read the file\n  try: chmod 600 "
            + Shell.Quote(path);
    }

    /// <summary>
    /// Writes a new file, whole or not at all, that only its owner may read; refuses one that is there.
    /// </summary>
    public static void WriteNew(string path, string text)
    {
        string draft = $"{path}.{Environment.ProcessId}.new";
        try
        {
            var options = new FileStreamOptions
            {
                Mode = FileMode.Create,
                Access = FileAccess.Write,
                UnixCreateMode = OwnerOnly,
            };
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new TriggerException(ErrorCode.Exists, $"{path} is there already", "nothing is ever overwritten");
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
