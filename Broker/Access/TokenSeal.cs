using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Model;

namespace TriggerFs.Broker.Access;

/// <summary>Fills bytes that nobody can guess; from a seed in a simulation.</summary>
delegate void FillRandom(Span<byte> bytes);

/// <summary>
/// Keeps workers' tokens so that the database alone is worth nothing: AES-256-GCM with a key of the state folder, bound
/// to the worker's number, so that a sealed token cannot be moved to another worker. Activation codes follow from the
/// same key.
/// </summary>
/// <remarks>Sealed: u8 version, 1 | 12 bytes nonce | 36 bytes of the token | 16 bytes tag</remarks>
sealed class TokenSeal : IDisposable
{
    /// <summary>Bytes of the key.</summary>
    public const int KeySize = 32;

    private const byte Version = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;
    private const int TokenSize = 36;
    private const int SealedSize = 1 + NonceSize + TokenSize + TagSize;

    /// <summary>What a code is made of: digits and letters that are not taken for one another.</summary>
    private const string CodeLetters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private const int CodeLength = 12;

    private readonly AesGcm _cipher;
    private readonly byte[] _codeKey;

    public TokenSeal(ReadOnlySpan<byte> key)
    {
        _cipher = new(key, TagSize);
        _codeKey = HMACSHA256.HashData(key, "activation codes"u8);
    }

    /// <summary>
    /// A new token: a random UUID (RFC 9562, version 4) such as <c>9b1bd278-e645-4eec-bffb-0587ad84534e</c>.
    /// </summary>
    public static string NewToken(FillRandom random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true).ToString();
    }

    public ImmutableArray<byte> Seal(WorkerId worker, string token, FillRandom random)
    {
        byte[] sealedToken = new byte[SealedSize];
        sealedToken[0] = Version;
        Span<byte> nonce = sealedToken.AsSpan(1, NonceSize);
        random(nonce);
        Span<byte> name = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(name, worker.Value);
        _cipher.Encrypt(nonce, Encoding.ASCII.GetBytes(token), sealedToken.AsSpan(1 + NonceSize, TokenSize),
            sealedToken.AsSpan(SealedSize - TagSize), name);
        return ImmutableArray.Create(sealedToken);
    }

    /// <summary>The token of a worker; an error when it was sealed with another key or for another worker.</summary>
    public string Open(Worker worker) => Open(worker, worker.SealedToken.AsSpan());

    /// <summary>The token that the worker shall have next, which there is.</summary>
    public string OpenNext(Worker worker) => Open(worker, worker.SealedNext.AsSpan());

    private string Open(Worker worker, ReadOnlySpan<byte> from)
    {
        Span<byte> token = stackalloc byte[TokenSize];
        if (!TryOpen(worker.Id, from, token))
            throw new TriggerException(ErrorCode.Storage, $"the token of worker '{worker.Name}' cannot be read",
                "it was sealed with another key than the state folder has",
                "restore seal.key from the backup of the database, or delete the worker and make it again");
        return Encoding.ASCII.GetString(token);
    }

    /// <summary>Whether a proof is the worker's token; takes as long without a worker as with one.</summary>
    public bool Matches(Worker? worker, string proof) =>
        Matches(worker?.Id, worker is null ? default : worker.SealedToken.AsSpan(), proof);

    /// <summary>Whether a proof is the token that the worker shall have next; as slow when there is none.</summary>
    public bool MatchesNext(Worker? worker, string proof) =>
        Matches(worker?.Id, worker is null ? default : worker.SealedNext.AsSpan(), proof);

    private bool Matches(WorkerId? worker, ReadOnlySpan<byte> from, string proof)
    {
        Span<byte> token = stackalloc byte[TokenSize];
        Span<byte> given = stackalloc byte[TokenSize];
        if (from.IsEmpty) from = new byte[SealedSize];
        bool opened = TryOpen(worker ?? default, from, token);
        bool possible = proof.Length == TokenSize && Ascii.FromUtf16(proof, given, out _) == OperationStatus.Done;
        return CryptographicOperations.FixedTimeEquals(token, given) & opened & possible;
    }

    /// <summary>
    /// The activation code of an invitation, such as <c>K7QX-3M9P-ABCD</c>: 60 bits that follow from the key, so that
    /// no table has to hold it.
    /// </summary>
    public string CodeOf(Invitation invitation)
    {
        byte[] hash = HMACSHA256.HashData(
            _codeKey, Encoding.UTF8.GetBytes($"{invitation.Id.Value} {invitation.CreatedUnixMs} {invitation.Address}"));
        string letters = string.Concat(hash.Take(CodeLength).Select(value => CodeLetters[value % CodeLetters.Length]));
        return $"{letters[..4]}-{letters[4..8]}-{letters[8..]}";
    }

    /// <summary>Whether it is the code, however its letters are grouped; takes as long for a wrong one.</summary>
    public bool IsCodeOf(Invitation invitation, string code)
    {
        if (code.Length > 4 * CodeLength) return false;
        string letters = string.Concat(code.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(letters), Encoding.ASCII.GetBytes(CodeOf(invitation).Replace("-", "")));
    }

    public void Dispose() => _cipher.Dispose();

    private bool TryOpen(WorkerId worker, ReadOnlySpan<byte> from, Span<byte> token)
    {
        if (from.Length != SealedSize) return false;
        Span<byte> name = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(name, worker.Value);
        try
        {
            ReadOnlySpan<byte> text = from.Slice(1 + NonceSize, TokenSize);
            _cipher.Decrypt(from.Slice(1, NonceSize), text, from[^TagSize..], token, name);
            return from[0] == Version;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
