using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Model;
using TriggerFs.Core.Ports;
using TriggerFs.Fs;
using TriggerFs.Fs.Protocol;
using static TriggerFs.Tests.Fs.FakeKernel;

namespace TriggerFs.Tests.Fs;

/// <summary>GETXATTR, LISTXATTR, SETXATTR and REMOVEXATTR, as bytes.</summary>
public sealed class ExtendedAttributeTests
{
    private readonly FakeKernel _kernel = new(
        Nodes.Directory(2, 1, "d"),
        Nodes.Trigger(3, 2, "t", MessageMode.Line, synchronous: true, hits: 3, firedUnixMs: 1_525_123_456_789) with
        {
            Delivery = Delivery.Parse("backoff=1s..5m ttl=600000 priority=7 max-inflight=1 on-busy=drop unique=on "
                + "on-full=drop-oldest tomorrows=setting"),
        },
        Nodes.Trigger(4, 2, "bare", service: ""));

    [Theory]
    [InlineData("service", "demoservice")]
    [InlineData("plugin", "command/command")]
    [InlineData("timeout", "10s")]
    [InlineData("message", "line")]
    [InlineData("mode", "sync")]
    [InlineData("visibility", "team")]
    [InlineData("limit", "1MiB")]
    [InlineData("backoff", "1s..5m")]
    [InlineData("ttl", "10m")]
    [InlineData("priority", "7")]
    [InlineData("max-inflight", "1")]
    [InlineData("on-busy", "drop")]
    [InlineData("unique", "on")]
    [InlineData("on-full", "drop-oldest")]
    [InlineData("hits", "3")]
    [InlineData("fired", "2018-04-30T21:24:16.789Z")]
    [InlineData("owner", "hp")]
    [InlineData("created", "2018-04-17T21:20:00.123Z")]
    [InlineData("changed", "2018-04-17T21:20:01.456Z")]
    public void What_the_broker_said_of_a_trigger_can_be_read(string name, string value) =>
        Assert.Equal(value, Get(3, $"user.triggerfs.{name}").Text);

    [Fact]
    public void How_the_last_run_ended_can_be_read_once_there_was_one()
    {
        Assert.Equal((Errno.ENODATA, Errno.ENODATA), (GetErrno(3, "exit"), GetErrno(3, "run")));
        _kernel.Sink.OnFire = (_, _, message) => message.Ended(null, 42, new(77));
        ulong fh = _kernel.Open(3);
        _kernel.Write(3, fh, "x\n");
        Assert.Equal(("42", "77"), (Get(3, "user.triggerfs.exit").Text, Get(3, "user.triggerfs.run").Text));
    }

    [Fact]
    public void The_list_has_what_there_is_and_nothing_else()
    {
        Assert.Equal(
            ["service", "plugin", "timeout", "message", "mode", "limit", "visibility", "backoff", "ttl",
                "priority", "max-inflight", "on-busy", "unique", "on-full", "hits", "fired", "owner", "created",
                "changed"],
            List(3));
        Assert.Equal(["owner", "created", "changed"], List(2));
        Assert.Equal(
            ["plugin", "timeout", "message", "mode", "limit", "visibility", "hits", "owner", "created", "changed"],
            List(4));
        Assert.Equal(Errno.ENODATA, GetErrno(4, "service"));
        Assert.Equal(Errno.ENODATA, GetErrno(2, "plugin"));
        Assert.Empty(List(_kernel.Tree.Reserved.Id.Value));
    }

    [Fact]
    public void A_size_of_0_asks_for_the_size_and_too_little_room_is_ERANGE()
    {
        Assert.Equal(11u, Get(3, "user.triggerfs.service", size: 0).Body<GetxattrOut>().Size);
        Assert.Equal(Errno.ERANGE, Get(3, "user.triggerfs.service", size: 10).Errno);
        Assert.Equal("demoservice", Get(3, "user.triggerfs.service", size: 11).Text);
        uint all = _kernel.Ask(Opcode.Listxattr, 2, Bytes(default(GetxattrIn)))!.Body<GetxattrOut>().Size;
        Assert.Equal(Errno.ERANGE, _kernel.Ask(Opcode.Listxattr, 2, Bytes(new GetxattrIn { Size = all - 1 }))!.Errno);
        Assert.Equal((int)all, _kernel.Ask(Opcode.Listxattr, 2, Bytes(new GetxattrIn { Size = all }))!.Rest.Length);
    }

    [Theory]
    [InlineData("user.triggerfs.nothing", Errno.ENODATA)]
    [InlineData("user.triggerfs.service2", Errno.ENODATA)]
    [InlineData("user.mime_type", Errno.ENODATA)]
    [InlineData("security.capability", Errno.EOPNOTSUPP)]
    [InlineData("security.selinux", Errno.EOPNOTSUPP)]
    [InlineData("system.posix_acl_access", Errno.EOPNOTSUPP)]
    [InlineData("trusted.overlay.opaque", Errno.EOPNOTSUPP)]
    internal void Of_other_names_nothing_is_there_and_no_other_namespace_is_kept(string name, Errno errno) =>
        Assert.Equal(errno, Get(3, name).Errno);

    [Theory]
    [InlineData("plugin", "file/stream")]
    [InlineData("timeout", "1h30m")]
    [InlineData("retry", "3")]
    [InlineData("backoff", "10s")]
    [InlineData("ttl", "1h")]
    [InlineData("on-busy", "replace")]
    [InlineData("service", "other")]
    [InlineData("description", "äöü")]
    public void Setting_a_rule_asks_the_broker(string name, string value)
    {
        Assert.Null(Set(3, $"user.triggerfs.{name}", value));
        Assert.Equal(Errno.None, _kernel.WaitFor(_kernel.Unique).Errno);
        Assert.Equal(new TreeChange.SetRule(new(3), name, value), _kernel.Sink.Changes.Single());
    }

    [Theory]
    [InlineData(ErrorCode.NotAllowed, Errno.EACCES)]
    [InlineData(ErrorCode.NotFound, Errno.EINVAL)]
    [InlineData(ErrorCode.Invalid, Errno.EINVAL)]
    [InlineData(ErrorCode.TooLarge, Errno.ERANGE)]
    [InlineData(ErrorCode.BrokerUnreachable, Errno.ENOTCONN)]
    internal void What_the_broker_refuses_is_an_errno(ErrorCode code, Errno errno)
    {
        _kernel.Sink.OnChange = _ => code;
        Assert.Null(Set(3, "user.triggerfs.service", "nothing"));
        Assert.Equal(errno, _kernel.WaitFor(_kernel.Unique).Errno);
    }

    [Theory]
    [InlineData(3, "user.triggerfs.hits", Errno.EACCES)]
    [InlineData(3, "user.triggerfs.owner", Errno.EACCES)]
    [InlineData(3, "user.triggerfs.nothing", Errno.EOPNOTSUPP)]
    [InlineData(2, "user.triggerfs.plugin", Errno.EOPNOTSUPP)]
    [InlineData(3, "user.mime_type", Errno.EOPNOTSUPP)]
    [InlineData(3, "security.capability", Errno.EOPNOTSUPP)]
    [InlineData(3, "system.posix_acl_access", Errno.EOPNOTSUPP)]
    [InlineData(99, "user.triggerfs.plugin", Errno.ESTALE)]
    internal void What_nobody_sets_is_refused_without_asking(ulong node, string name, Errno errno)
    {
        Assert.Equal(errno, Set(node, name, "1")!.Errno);
        Assert.Equal(errno, _kernel.Ask(Opcode.Removexattr, node, Name(name))!.Errno);
        Assert.Empty(_kernel.Sink.Changes);
    }

    [Fact]
    public void Who_may_only_write_to_a_trigger_does_not_change_its_rules()
    {
        _kernel.Caller = 65534;
        Assert.Equal(Errno.EACCES, Set(3, "user.triggerfs.plugin", "command/command")!.Errno);
        Assert.Equal(Errno.EACCES, _kernel.Ask(Opcode.Removexattr, 3, Name("user.triggerfs.timeout"))!.Errno);
        _kernel.Caller = 1000; // The user who mounts.
        Assert.Null(Set(3, "user.triggerfs.plugin", "command/command"));
        _kernel.Caller = 0;
        Assert.Null(Set(3, "user.triggerfs.plugin", "command/command"));
    }

    [Fact]
    public void Create_and_replace_mean_what_setxattr_says()
    {
        Assert.Equal(Errno.EEXIST, Set(3, "user.triggerfs.plugin", "x", flags: 1)!.Errno);
        Assert.Equal(Errno.ENODATA, Set(3, "user.triggerfs.description", "x", flags: 2)!.Errno);
        Assert.Null(Set(3, "user.triggerfs.description", "x", flags: 1));
        Assert.Null(Set(3, "user.triggerfs.plugin", "x", flags: 2));
    }

    [Theory]
    [InlineData("service", "")]
    [InlineData("timeout", "0s")]
    [InlineData("message", "write")]
    [InlineData("mode", "async")]
    [InlineData("visibility", "local")]
    [InlineData("limit", "1MiB")]
    [InlineData("backoff", "")]
    [InlineData("ttl", "")]
    [InlineData("unique", "")]
    public void A_rule_that_is_removed_is_as_in_a_new_trigger(string name, string value)
    {
        Assert.Null(_kernel.Ask(Opcode.Removexattr, 3, Name($"user.triggerfs.{name}")));
        Assert.Equal(new TreeChange.SetRule(new(3), name, value), _kernel.Sink.Changes.Single());
    }

    [Fact]
    public void What_is_not_there_is_not_removed_and_a_plugin_stays()
    {
        Assert.Equal(Errno.ENODATA, _kernel.Ask(Opcode.Removexattr, 3, Name("user.triggerfs.description"))!.Errno);
        Assert.Equal(Errno.EACCES, _kernel.Ask(Opcode.Removexattr, 3, Name("user.triggerfs.plugin"))!.Errno);
        Assert.Empty(_kernel.Sink.Changes);
    }

    [Fact]
    public void A_value_that_is_cut_short_or_no_UTF8_or_too_long_is_refused()
    {
        byte[] name = Name("user.triggerfs.description");
        byte[] Setting(uint size) => Bytes(new SetxattrIn { Size = size });
        Assert.Equal(Errno.EIO, _kernel.Ask(Opcode.Setxattr, 3, Setting(4), name, "abc"u8.ToArray())!.Errno);
        Assert.Equal(Errno.EIO, _kernel.Ask(Opcode.Setxattr, 3, Setting(uint.MaxValue), name)!.Errno);
        Assert.Equal(Errno.EINVAL, _kernel.Ask(Opcode.Setxattr, 3, Setting(2), name, [0xC3, 0x28])!.Errno);
        byte[] large = new byte[Limits.TextMax + 1];
        Assert.Equal(Errno.ERANGE, _kernel.Ask(Opcode.Setxattr, 3, Setting((uint)large.Length), name, large)!.Errno);
        Assert.Empty(_kernel.Sink.Changes);
    }

    private Reply Get(ulong node, string name, uint size = 1000) =>
        _kernel.Ask(Opcode.Getxattr, node, Bytes(new GetxattrIn { Size = size }), Name(name))!;

    private Errno GetErrno(ulong node, string name) => Get(node, $"user.triggerfs.{name}").Errno;

    private string[] List(ulong node)
    {
        Reply reply = _kernel.Ask(Opcode.Listxattr, node, Bytes(new GetxattrIn { Size = 4096 }))!;
        Assert.Equal(Errno.None, reply.Errno);
        return [.. reply.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(name => name["user.triggerfs.".Length..])];
    }

    private Reply? Set(ulong node, string name, string value, uint flags = 0)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        var wanted = new SetxattrIn { Size = (uint)bytes.Length, Flags = flags };
        return _kernel.Ask(Opcode.Setxattr, node, Bytes(wanted), Name(name), bytes);
    }
}
