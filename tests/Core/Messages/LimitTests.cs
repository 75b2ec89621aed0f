using System.Buffers.Binary;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Tests.Core.Messages;

/// <summary>What a peer sends over a limit is refused before anything is allocated; we never send it.</summary>
public sealed class LimitTests
{
    [Fact]
    public void A_name_over_its_limit_is_refused()
    {
        byte[] bytes = Samples.Of(MessageKind.Hello);
        bytes[3] = Limits.NameMax + 1; // The length of the team's name, behind kind, version and role.
        Refuses(MessageKind.Hello, bytes, "name");
    }

    [Fact]
    public void A_text_over_its_limit_is_refused()
    {
        byte[] bytes = new byte[100_000];
        Samples.Of(MessageKind.Goodbye).CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), 1025);
        Refuses(MessageKind.Goodbye, bytes, "text");
    }

    [Fact]
    public void A_text_that_is_not_UTF_8_is_refused()
    {
        byte[] bytes = Samples.Of(MessageKind.Goodbye);
        bytes[5] = 0xFF;
        Refuses(MessageKind.Goodbye, bytes, "UTF-8");
    }

    [Fact]
    public void A_payload_over_its_limit_is_refused()
    {
        byte[] whole = Samples.Of(MessageKind.Request);
        byte[] bytes = new byte[Limits.PayloadMax + 1024];
        whole.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(whole.Length - 6 - 4), Limits.PayloadMax + 1);
        Refuses(MessageKind.Request, bytes, "bytes");
    }

    [Fact]
    public void A_payload_longer_than_the_message_is_refused_even_when_its_length_is_absurd()
    {
        byte[] bytes = Samples.Of(MessageKind.Request);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(bytes.Length - 6 - 4), uint.MaxValue);
        Refuses(MessageKind.Request, bytes, "bytes");
    }

    [Fact]
    public void Output_over_a_chunk_is_refused()
    {
        byte[] whole = Samples.Of(MessageKind.Output);
        byte[] bytes = new byte[2 * Limits.OutputChunkMax];
        whole.CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(whole.Length - 7 - 4), Limits.OutputChunkMax + 1);
        Refuses(MessageKind.Output, bytes, "bytes");
    }

    [Fact]
    public void A_count_that_cannot_fit_in_the_message_is_refused_before_its_list_is_made()
    {
        byte[] bytes = Samples.Of(MessageKind.Assigned);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), Limits.JobsMax);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Refuses(MessageKind.Assigned, bytes, "count");
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 8 * Limits.JobsMax);
    }

    [Fact]
    public void A_count_over_its_limit_is_refused()
    {
        byte[] bytes = new byte[100_000];
        Samples.Of(MessageKind.Assigned).CopyTo(bytes, 0);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), Limits.JobsMax + 1);
        Refuses(MessageKind.Assigned, bytes, "count");
    }

    [Fact]
    public void A_value_outside_its_enumeration_is_refused()
    {
        byte[] bytes = Samples.Of(MessageKind.Hello);
        bytes[2] = 0;
        Refuses(MessageKind.Hello, bytes, "0 is not one of 1 to 4");
        bytes[2] = 5;
        Refuses(MessageKind.Hello, bytes, "5 is not one of 1 to 4");
    }

    [Fact]
    public void A_flag_other_than_0_and_1_is_refused()
    {
        byte[] bytes = Samples.Of(MessageKind.Tree);
        bytes[2] = 2;
        Refuses(MessageKind.Tree, bytes, "flag");
    }

    [Fact]
    public void A_delivery_setting_with_a_value_that_is_none_is_refused()
    {
        byte[] bytes = Samples.Of(MessageKind.Tree);
        bytes[bytes.AsSpan().IndexOf("60000"u8)] = (byte)'x';
        Refuses(MessageKind.Tree, bytes, "delivery");
    }

    [Fact]
    public void We_refuse_to_send_a_name_or_a_text_over_its_limit()
    {
        var wire = new WireWriter();
        TooLarge(() => new Done(new(1), new string('x', Limits.TextMax + 1)).Write(wire));
        TooLarge(() => new Hello(
            PeerRole.Client, new string('x', Limits.NameMax + 1), "hp", ProofKind.Secret, "", "").Write(wire));
        TooLarge(() => new Manage(
            new(1), Verb.Show, ObjectKind.Worker, "", "", new string[Limits.ValuesMax + 1]).Write(wire));
    }

    [Fact]
    public void Arguments_read_back_in_their_order()
    {
        KeyValuePair<string, string>[] args = [new("b", "2"), new("a", "ä ö"), new("b", "")];
        Assert.Equal(args, Args.Decode(Args.Encode(args)));
        Assert.Empty(Args.Decode(Args.Encode([])));
    }

    [Fact]
    public void Arguments_over_their_limits_are_refused()
    {
        TooLarge(() => Args.Encode([.. Enumerable.Range(0, Limits.ArgsMax + 1).Select(i => Arg($"k{i}", ""))]));
        TooLarge(() => Args.Encode([.. Enumerable.Range(0, 5).Select(i => Arg($"k{i}", new string('x', 30_000)))]));
        TooLarge(() => Args.Encode([Arg(new string('k', Limits.NameMax + 1), "")]));
    }

    [Fact]
    public void Arguments_cut_short_are_refused()
    {
        byte[] bytes = Args.Encode([Arg("path", "/tmp"), Arg("count", "3")]);
        for (int length = 1; length < bytes.Length; length++)
            Assert.Throws<WireException>(() => Args.Decode(bytes.AsSpan(0, length)));
    }

    private static KeyValuePair<string, string> Arg(string key, string value) => new(key, value);

    private static void Refuses(MessageKind kind, byte[] bytes, string field)
    {
        WireException problem = Assert.Throws<WireException>(() => Samples.Again[kind](bytes));
        Assert.Contains(field, problem.Why, StringComparison.Ordinal);
    }

    private static void TooLarge(Action write) =>
        Assert.Equal(ErrorCode.TooLarge, Assert.Throws<TriggerException>(write).Code);
}
