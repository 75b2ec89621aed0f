using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using TriggerFs.Core;
using TriggerFs.Core.Ports;
using TriggerFs.Fs.Nodes;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>
/// GETXATTR, LISTXATTR, SETXATTR, REMOVEXATTR: the <see cref="Facts"/> of an entry. Reading is answered from memory;
/// what is set goes to the broker. Namespaces other than "user." are EOPNOTSUPP, after which ls asks no more for ACLs
/// and labels. (ENOSYS would be remembered for all names.)
/// </summary>
static class ExtendedAttributes
{
    /// <summary>XATTR_CREATE of linux/xattr.h: fail when it is there.</summary>
    private const uint Create = 1;

    /// <summary>XATTR_REPLACE: fail when it is not there.</summary>
    private const uint Replace = 2;

    /// <summary>
    /// Body: GetxattrIn, name. The kernel asks for security.capability at each open with O_TRUNC, so that is the first
    /// thing to be through with.
    /// </summary>
    public static Errno Get(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!request.TryName(Unsafe.SizeOf<GetxattrIn>(), out ReadOnlySpan<byte> name)) return Errno.EIO;
        if (!name.StartsWith("user."u8)) return Errno.EOPNOTSUPP;
        if (fs.Tree.Find(request.Nodeid) is not { } entry) return Errno.ESTALE;
        if (Facts.Find(name)?.Read(fs, entry) is not { Length: > 0 } text) return Errno.ENODATA;
        uint room = request.Fixed<GetxattrIn>().Size;
        int length = Encoding.UTF8.GetByteCount(text);
        if (room == 0) return AnswerSize(length, ref reply);
        if (length > room) return Errno.ERANGE;
        reply.Advance(Encoding.UTF8.GetBytes(text, reply.Rest));
        return Errno.None;
    }

    /// <summary>Body: GetxattrIn. The names, each with a NUL.</summary>
    public static Errno List(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (fs.Tree.Find(request.Nodeid) is not { } entry) return Errno.ESTALE;
        uint room = request.Fixed<GetxattrIn>().Size;
        byte[] names = [.. Facts.Of(fs, entry).SelectMany(static fact => fact.NameUtf8.Append((byte)0))];
        if (room == 0) return AnswerSize(names.Length, ref reply);
        if (names.Length > room) return Errno.ERANGE;
        reply.Put(names);
        return Errno.None;
    }

    /// <summary>Body: SetxattrIn, name, value.</summary>
    public static Errno Set(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        SetxattrIn wanted = request.Fixed<SetxattrIn>();
        int at = Unsafe.SizeOf<SetxattrIn>();
        if (!request.TryName(at, out ReadOnlySpan<byte> name)) return Errno.EIO;
        ReadOnlySpan<byte> value = request.Body[(at + name.Length + 1)..];
        if (wanted.Size > (uint)value.Length) return Errno.EIO;
        value = value[..(int)wanted.Size];
        Errno errno = Settable(fs, request, name, out TreeEntry entry, out Fact fact);
        if (errno != Errno.None) return errno;
        bool isThere = fact.Read(fs, entry).Length > 0;
        if ((wanted.Flags & Create) != 0 && isThere) return Errno.EEXIST;
        if ((wanted.Flags & Replace) != 0 && !isThere) return Errno.ENODATA;
        if (value.Length > Limits.TextMax) return Errno.ERANGE;
        if (!Utf8.IsValid(value)) return Errno.EINVAL;
        return Ask(fs, request.Unique, entry, fact, Encoding.UTF8.GetString(value));
    }

    /// <summary>Body: name. A rule that is removed is as in a new trigger.</summary>
    public static Errno Remove(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        if (!request.TryName(0, out ReadOnlySpan<byte> name)) return Errno.EIO;
        Errno errno = Settable(fs, request, name, out TreeEntry entry, out Fact fact);
        if (errno != Errno.None) return errno;
        if (fact.Read(fs, entry).Length == 0) return Errno.ENODATA;
        return fact.Default is { } value ? Ask(fs, request.Unique, entry, fact, value) : Errno.EACCES;
    }

    /// <summary>
    /// Who may write to a file may set its "user." attributes, as far as the kernel is concerned. Here writing is
    /// firing, which is not changing the rules: that is for the owner of the file, and the broker asks whether the
    /// session may.
    /// </summary>
    private static Errno Settable(
        FileSystem fs, scoped in FuseRequest request, ReadOnlySpan<byte> name, out TreeEntry entry, out Fact fact)
    {
        (entry, fact) = (fs.Tree.Root, null!);
        if (fs.Tree.Find(request.Nodeid) is not { IsGone: false } found) return Errno.ESTALE;
        if (found.IsReserved) return Errno.EROFS;
        if (Facts.Find(name) is not { } known || (known.IsRule && found.IsDirectory)) return Errno.EOPNOTSUPP;
        bool isOwner = request.Header.Uid == fs.Options.Uid || request.Header.Uid == 0;
        if (!known.IsRule || !isOwner) return Errno.EACCES;
        (entry, fact) = (found, known);
        return Errno.None;
    }

    private static Errno Ask(FileSystem fs, ulong unique, TreeEntry entry, Fact fact, string value)
    {
        Core.Messages.TreeNode before = entry.Node;
        return ChangeReply.Ask(
            fs,
            unique,
            new TreeChange.SetRule(entry.Id, fact.Name, value),
            () => !ReferenceEquals(entry.Node, before) || entry.IsGone,
            set => fs.Pending.TryAnswer(fs, unique, set),
            Errnos.OfRule);
    }

    private static Errno AnswerSize(int size, ref ReplyWriter reply)
    {
        reply.Put(new GetxattrOut { Size = (uint)size });
        return Errno.None;
    }
}
