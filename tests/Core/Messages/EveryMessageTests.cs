using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Core.Messages;

/// <summary>What holds for every kind of message alike.</summary>
public sealed class EveryMessageTests
{
    public static TheoryData<byte> Kinds()
    {
        var kinds = new TheoryData<byte>();
        for (var kind = MessageKind.Hello; kind <= MessageKind.Last; kind++) kinds.Add((byte)kind);
        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_message_reads_back_as_it_was_written(byte number)
    {
        byte[] bytes = Samples.Of((MessageKind)number);
        Assert.Equal((MessageKind)number, MessageCodec.KindOf(bytes));
        Assert.Equal(bytes, Samples.Again[(MessageKind)number](bytes));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_message_cut_short_anywhere_is_refused(byte number)
    {
        var kind = (MessageKind)number;
        byte[] whole = Samples.Of(kind);
        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            if (IsWholeToAnOlderPeer(kind, whole, length)) Assert.NotEmpty(Samples.Again[kind](cut));
            else Assert.Throws<WireException>(() => Read(cut, kind));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Fields_that_a_newer_peer_adds_are_skipped(byte number)
    {
        var kind = (MessageKind)number;
        byte[] bytes = Samples.Of(kind);
        Assert.Equal(bytes, Samples.Again[kind]([.. bytes, 1, 2, 3, 4, 5]));
    }

    [Fact]
    public void A_message_of_another_version_is_refused_and_the_version_named()
    {
        byte[] bytes = Samples.Of(MessageKind.Goodbye);
        bytes[1] = 2;
        WireException problem = Assert.Throws<WireException>(() => MessageCodec.KindOf(bytes));
        Assert.Contains("version 2", problem.Message, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.Protocol, problem.Code);
    }

    [Theory]
    [InlineData(0)]
    [InlineData((int)MessageKind.Last + 1)]
    [InlineData(255)]
    public void A_message_of_an_unknown_kind_is_refused_and_the_kind_named(int kind)
    {
        WireException problem = Assert.Throws<WireException>(() => MessageCodec.KindOf([(byte)kind, 1]));
        Assert.Contains($"kind {kind}", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_names_the_message_the_field_and_the_place()
    {
        byte[] bytes = Samples.Of(MessageKind.Started)[..6];
        WireException problem = Assert.Throws<WireException>(() => Started.Read(bytes));
        Assert.Contains("Started", problem.Message, StringComparison.Ordinal);
        Assert.Contains("u64 at byte 2", problem.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void No_secret_is_in_the_text_of_a_message()
    {
        string hello = Hello.Read(Samples.Of(MessageKind.Hello)).ToString();
        string accepted = Accepted.Read(Samples.Of(MessageKind.Accepted)).ToString();
        string activate = Activate.Read(Samples.Of(MessageKind.Activate)).ToString();
        Assert.DoesNotContain("K7QX", activate, StringComparison.Ordinal);
        Assert.DoesNotContain("a secret", activate, StringComparison.Ordinal);
        Assert.DoesNotContain("a.b.c", hello, StringComparison.Ordinal);
        Assert.DoesNotContain("x.y.z", accepted, StringComparison.Ordinal);
    }

    /// <summary>As the product does: the header is checked, then the kind's fields are read.</summary>
    private static void Read(byte[] bytes, MessageKind kind)
    {
        Assert.Equal(kind, MessageCodec.KindOf(bytes));
        Samples.Again[kind](bytes);
    }

    /// <summary>
    /// Hello's link, the number of letters of Accepted and the workers of Reclaim are left out by an older peer.
    /// </summary>
    private static bool IsWholeToAnOlderPeer(MessageKind kind, byte[] whole, int length) => kind switch
    {
        MessageKind.Hello => length >= whole.Length - sizeof(ulong),
        MessageKind.Accepted => length >= whole.Length - sizeof(uint) - sizeof(long),
        MessageKind.Reclaim => length == whole.Length - sizeof(ushort) - 1 - "demo01".Length,
        MessageKind.Announce => length == LengthWithoutPlugins(whole),
        _ => false,
    };

    private static int LengthWithoutPlugins(byte[] announce)
    {
        var wire = new WireWriter();
        (Announce.Read(announce) with { Plugins = null }).Write(wire);
        return wire.Written.Length;
    }
}
