using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Secrets;

/// <summary>
/// Where a worker finds what <c>@secret:NAME</c> stands for: the file and the folder of its settings, and the
/// credentials that systemd gave it, in this order. Read anew each time, so that a secret can be changed any time.
/// </summary>
/// <param name="settings">Where they are, and who gets them.</param>
/// <param name="credentials">systemd's folder ($CREDENTIALS_DIRECTORY), or null.</param>
sealed class SecretStore(SecretsSettings settings, string? credentials)
{
    /// <summary>What an argument's value begins with that names a secret.</summary>
    public const string Prefix = "@secret:";

    private const int OthersMask = 0x3F; // 077: whatever the group and others may do.

    /// <summary>Replaces what names a secret by the secret; returns the secrets, each once.</summary>
    /// <param name="args">The arguments of a call.</param>
    /// <param name="plugin">Who is to get them.</param>
    public IReadOnlyList<string> Resolve(List<KeyValuePair<string, string>> args, string plugin)
    {
        List<string>? secrets = null;
        for (int i = 0; i < args.Count; i++)
        {
            (string key, string value) = args[i];
            if (!value.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            string secret = Find(value[Prefix.Length..], key, plugin);
            args[i] = new(key, secret);
            secrets ??= [];
            if (!secrets.Contains(secret)) secrets.Add(secret);
        }
        return secrets ?? (IReadOnlyList<string>)[];
    }

    private string Find(string name, string argument, string plugin)
    {
        string where = $"the argument '{NameRule.Shown(argument)}'";
        if (settings.Plugins is { } patterns && !Patterns.Match(patterns, plugin))
            throw new TriggerException(ErrorCode.NotAllowed, $"{where} is a secret, and {plugin} gets none",
                $"[secrets] gives them to {string.Join(", ", patterns)}");
        _ = NameRule.Check(name, "secret");
        string secret = InFile(name) ?? InFolder(settings.Folder, name, isOurs: true)
            ?? InFolder(credentials, name, isOurs: false) ?? throw new TriggerException(
                ErrorCode.Invalid, $"{where}: this worker has no secret '{name}'", Places(),
                "set one up under [secrets] in the worker's settings");
        if (secret.Length == 0 || secret.Contains('\0') || Encoding.UTF8.GetByteCount(secret) > Limits.TextMax)
            throw new TriggerException(ErrorCode.Invalid, $"{where}: the secret '{name}' cannot be used",
                $"it is empty, has a NUL byte, or more than {Limits.TextMax} bytes");
        return secret;
    }

    private string? InFile(string name)
    {
        if (settings.File is not { } path) return null;
        using OpenedFile file = Open(path) ?? throw Unreadable(path, "it is not there");
        CheckOwner(file);
        byte[] bytes = file.ReadAll(SettingsFile.SizeMax) ?? throw Unreadable(path, "it is too large");
        return SettingsFile.Texts(Encoding.UTF8.GetString(bytes), path).GetValueOrDefault(name);
    }

    private string? InFolder(string? folder, string name, bool isOurs)
    {
        if (folder is null) return null;
        using OpenedFile? file = Open($"{folder}/{name}");
        if (file is null) return null;
        CheckOwn(file);
        if (isOurs) CheckOwner(file);
        byte[] bytes = file.ReadAll(Limits.TextMax + 1) ?? throw Unreadable(file.RealPath, "it is too large");
        try
        {
            string text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return text.EndsWith('\n') ? text[..^1] : text;
        }
        catch (DecoderFallbackException)
        {
            throw Unreadable(file.RealPath, "it is not UTF-8");
        }
    }

    /// <summary>Whoever names the settings file would be given the worker's token.</summary>
    private void CheckOwn(OpenedFile file)
    {
        if (settings.Own is null) return;
        using OpenedFile? own = OpenedFile.Open(settings.Own, read: false, out _);
        if (own is null || (own.Stamp.Device, own.Stamp.Inode) != (file.Stamp.Device, file.Stamp.Inode)) return;
        throw new TriggerException(ErrorCode.NotAllowed, $"{file.RealPath} is no secret for plugins",
            "it is the settings file of this worker", "put secrets into a folder of their own");
    }

    private static OpenedFile? Open(string path)
    {
        OpenedFile? file = OpenedFile.Open(path, read: true, out int errno);
        if (file is null && errno is not (Native.ENOENT or Native.ENOTDIR))
            throw Unreadable(path, Native.Describe(errno));
        if (file is null || file.IsRegular) return file;
        file.Dispose();
        throw Unreadable(path, "it is no regular file");
    }

    private static void CheckOwner(OpenedFile file)
    {
        string? flaw = (file.Mode & OthersMask) != 0 ? "others can read it"
            : file.Owner != 0 && file.Owner != Native.EffectiveUser() ? $"it belongs to user {file.Owner}" : null;
        if (flaw is null) return;
        throw new TriggerException(ErrorCode.NotAllowed, $"the secrets in {file.RealPath} are not used", flaw,
            $"chmod 600 {file.RealPath}, and give it to who runs the worker");
    }

    private static TriggerException Unreadable(string path, string why) =>
        new(ErrorCode.NotAllowed, $"the secrets in {path} cannot be read", why);

    private string Places()
    {
        string[] places = [.. new[] { settings.File, settings.Folder, credentials }.OfType<string>()];
        return places.Length == 0
            ? "it has no place for secrets" : $"it looked in {string.Join(", ", places)}";
    }
}
