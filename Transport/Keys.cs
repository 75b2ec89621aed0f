using System.Security.Cryptography;
using System.Text;
using NaCl;
using TriggerFs.Core;

namespace TriggerFs.Transport;

/// <summary>A Curve25519 key pair: the broker's for as long as it is installed, a peer's for one connection.</summary>
sealed class KeyPair
{
    private readonly byte[] _secret = GC.AllocateArray<byte>(Keys.Size, pinned: true);
    private readonly byte[] _public = new byte[Keys.Size];

    /// <summary>The pair of a secret key, which is copied.</summary>
    public KeyPair(ReadOnlySpan<byte> secret32)
    {
        if (secret32.Length != Keys.Size) throw new ArgumentException($"a key has {Keys.Size} bytes", nameof(secret32));
        secret32.CopyTo(_secret);
        Curve25519.ScalarMultiplicationBase(_public, _secret);
    }

    /// <summary>32 bytes that anybody may know.</summary>
    public ReadOnlySpan<byte> Public => _public;

    /// <summary>32 bytes that nobody else may know.</summary>
    public ReadOnlySpan<byte> Secret => _secret;

    public static KeyPair Generate()
    {
        Span<byte> secret = stackalloc byte[Keys.Size];
        RandomNumberGenerator.Fill(secret);
        var pair = new KeyPair(secret);
        CryptographicOperations.ZeroMemory(secret);
        return pair;
    }

    /// <summary>Forgets the secret key.</summary>
    public void Wipe() => CryptographicOperations.ZeroMemory(_secret);

    /// <summary>The public key alone.</summary>
    public override string ToString() => Keys.Format(_public);
}

/// <summary>Keys as text, as ZeroMQ's users know them (Z85, 40 characters), and as files.</summary>
static class Keys
{
    /// <summary>Bytes in a key, public or secret.</summary>
    public const int Size = 32;

    private const int FileSizeMax = 4096;

    /// <summary>A public key as 40 characters of Z85.</summary>
    public static string Format(ReadOnlySpan<byte> key32) => Z85.Encode(key32);

    /// <summary>A public key from 40 characters of Z85 or 64 of hexadecimal.</summary>
    public static byte[] ParsePublic(string text) =>
        TryParse(text.Trim(), out byte[] key)
            ? key
            : throw new TriggerException(ErrorCode.Invalid, "the broker's key is not a key",
                $"it has {text.Length} characters; a key is 40 characters of Z85 or 64 of hexadecimal",
                "copy the key that 'triggerfs init' printed");

    /// <summary>
    /// Writes a secret key to a new file that only its owner can read; there all at once or not at all.
    /// </summary>
    public static void WriteSecret(string path, KeyPair pair)
    {
        string draft = $"{path}.{Environment.ProcessId}.new";
        try
        {
            using (FileStream file = OpenDraft(draft))
            {
                string text = $"# The secret key of a triggerFS broker.\n{Z85.Encode(pair.Secret)}\n";
                file.Write(Encoding.ASCII.GetBytes(text));
                file.Flush(flushToDisk: true);
            }
            File.Move(draft, path, overwrite: false);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            File.Delete(draft);
            throw new TriggerException(ErrorCode.Settings, $"the key file {path} cannot be written", problem.Message,
                "check the folder's owner and that there is no such file yet", problem);
        }
    }

    /// <summary>Reads a secret key; refuses a file that others can read or that holds no key.</summary>
    public static KeyPair ReadSecret(string path)
    {
        string text;
        try
        {
            using FileStream file = File.OpenRead(path);
            RefuseOthers(path, File.GetUnixFileMode(file.SafeFileHandle));
            if (file.Length > FileSizeMax) throw BadFile(path, "it is too long");
            using var reader = new StreamReader(file, Encoding.UTF8);
            text = reader.ReadToEnd();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new TriggerException(ErrorCode.Settings, $"the key file {path} cannot be read", problem.Message,
                "run 'triggerfs init', or restore the state folder from a backup", problem);
        }
        string line = text.Split('\n').Select(l => l.Trim()).FirstOrDefault(l => l.Length > 0 && l[0] != '#') ?? "";
        if (!TryParse(line, out byte[] key)) throw BadFile(path, "there is no line with a key of 40 characters");
        var pair = new KeyPair(key);
        CryptographicOperations.ZeroMemory(key);
        return pair;
    }

    private static FileStream OpenDraft(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private static void RefuseOthers(string path, UnixFileMode mode)
    {
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if ((mode & ~mine) != 0)
            throw new TriggerException(ErrorCode.Settings, $"the key file {path} can be read or changed by others",
                $"its mode is {Convert.ToString((int)mode, 8)}",
                $"chmod 600 {path}; if others may have read it, make new keys");
    }

    private static bool TryParse(string text, out byte[] key)
    {
        key = new byte[Size];
        if (text.Length == 40) return Z85.TryDecode(text, key);
        return text.Length == 2 * Size
            && Convert.FromHexString(text, key, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    private static TriggerException BadFile(string path, string why) =>
        new(ErrorCode.Settings, $"the key file {path} cannot be used", why, "restore the state folder from a backup");
}
