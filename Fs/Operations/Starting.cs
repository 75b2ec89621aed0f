using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TriggerFs.Fs.Protocol;

namespace TriggerFs.Fs.Operations;

/// <summary>The conversation itself: INIT, INTERRUPT, and what needs no more than a yes.</summary>
static class Starting
{
    /// <summary>The newest protocol that we know.</summary>
    public const uint MinorMax = 45;

    /// <summary>Linux 5.4, older than any that is still maintained.</summary>
    public const uint MinorMin = 31;

    private const uint Major = 7;

    /// <summary>
    /// What we use where the kernel has it. Caches of bytes and writeback stay off: they answer and send twice.
    /// </summary>
    private const InitFlags Wanted = InitFlags.AtomicOTrunc | InitFlags.BigWrites | InitFlags.DoReaddirplus
        | InitFlags.ReaddirplusAuto | InitFlags.ParallelDirops | InitFlags.MaxPages | InitFlags.HandleKillprivV2
        | InitFlags.InitExt | InitFlags.HasExpireOnly;

    public static Errno Init(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply)
    {
        InitIn asked = Padded(request.Body);
        if (asked.Major < Major || (asked.Major == Major && asked.Minor < MinorMin))
        {
            Log.KernelTooOld(fs.Log, asked.Major, asked.Minor);
            return Errno.EPROTO;
        }
        var answer = new InitOut { Major = Major, Minor = MinorMax };
        if (asked.Major == Major) Negotiate(fs, asked, ref answer);
        reply.Put(in answer); // To a newer major we say ours, and the kernel asks again with it.
        return Errno.None;
    }

    public static Errno Destroy(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) => Errno.None;

    public static Errno Succeed(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) => Errno.None;

    public static Errno Ignore(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) => Errno.None;

    /// <summary>
    /// A signal hit the caller of a request that waits: it gets EINTR. One that we do not know (yet) is asked about
    /// again by EAGAIN; the kernel drops that when the request is answered.
    /// </summary>
    public static Errno Interrupt(FileSystem fs, scoped in FuseRequest request, ref ReplyWriter reply) =>
        fs.Pending.TryInterrupt(fs, request.Fixed<InterruptIn>().Unique) ? Errno.None : Errno.EAGAIN;

    private static void Negotiate(FileSystem fs, in InitIn asked, ref InitOut answer)
    {
        var offered = (InitFlags)(asked.Flags
            | (((InitFlags)asked.Flags).HasFlag(InitFlags.InitExt) ? (ulong)asked.Flags2 << 32 : 0));
        InitFlags agreed = offered & Wanted;
        answer.Minor = Math.Min(asked.Minor, MinorMax);
        answer.MaxReadahead = asked.MaxReadahead;
        answer.Flags = (uint)agreed;
        answer.Flags2 = (uint)((ulong)agreed >> 32);
        answer.MaxBackground = 64;
        answer.CongestionThreshold = 48;
        answer.MaxWrite = FileSystemOptions.WriteMax;
        answer.MaxPages = (ushort)fs.Options.Pages;
        answer.TimeGran = 1;
        fs.Minor = answer.Minor;
        fs.CanExpireNames = agreed.HasFlag(InitFlags.HasExpireOnly);
        Log.Negotiated(fs.Log, answer.Minor, fs.Options.Pages);
        fs.BecomeReady();
    }

    /// <summary>Kernels before 7.36 send the first 16 bytes only.</summary>
    private static InitIn Padded(ReadOnlySpan<byte> body)
    {
        var whole = default(InitIn);
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<InitIn>(ref whole));
        body[..Math.Min(body.Length, Unsafe.SizeOf<InitIn>())].CopyTo(bytes);
        return whole;
    }
}
