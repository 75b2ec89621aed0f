using System.Diagnostics;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Transport;

namespace TriggerFs.Tests.Transport.Interop;

/// <summary>Our engine against libzmq, driven from Python, in both roles and with both mechanisms.</summary>
public sealed class LibzmqTests
{
    private const string Python = "/usr/bin/python3";
    private static readonly KeyPair Keys = KeyPair.Generate();
    private static readonly Lazy<string?> Missing = new(FindMissing);

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_libzmq_dealer_talks_to_our_router(bool curve)
    {
        Skip.If(Missing.Value is not null, Missing.Value);
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", curve ? Keys : null), isEcho: true);
        router.OnJoined = peer => router.Router.Admit(peer, Limits.MessageMax);
        Run($$"""
            socket = context.socket(zmq.DEALER)
            if {{(curve ? 1 : 0)}}:
                socket.curve_publickey, socket.curve_secretkey = zmq.curve_keypair()
                socket.curve_serverkey = b'{{Keys}}'
            socket.heartbeat_ivl, socket.heartbeat_timeout = 100, 500
            socket.connect('{{router.Router.Address}}')
            for size in (0, 1, 100, 254, 255, 256, 1000, 65536, 1048576):
                message = os.urandom(size)
                socket.send(message)
                assert socket.recv_multipart() == [message], size
            sent = 0
            for i in range(10000):
                while sent < 10000 and sent - i < 500:
                    socket.send(b'%d' % sent)
                    sent += 1
                assert socket.recv() == b'%d' % i
            time.sleep(1)
            socket.send(b'after the heartbeats')
            assert socket.recv() == b'after the heartbeats'
            """);
        Assert.Single(router.Peers);
    }

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Our_link_talks_to_a_libzmq_router(bool curve)
    {
        Skip.If(Missing.Value is not null, Missing.Value);
        string accepted = Convert.ToHexString(
            RunningRouter.Written(new Accepted(new(1), false, "t", "i", "j", 2500, 0, "libzmq").Write));
        using Process python = Start($$"""
            socket = context.socket(zmq.ROUTER)
            if {{(curve ? 1 : 0)}}:
                socket.curve_server = True
                socket.curve_secretkey = b'{{TriggerFs.Transport.Z85.Encode(Keys.Secret)}}'
            print(socket.bind_to_random_port('tcp://127.0.0.1'), flush=True)
            peer, hello = socket.recv_multipart()
            assert hello[0] == 1, hello
            socket.send_multipart([peer, bytes.fromhex('{{accepted}}')])
            while True:
                peer, message = socket.recv_multipart()
                if message[0] == 5:
                    break
                if message[0] != 4:
                    socket.send_multipart([peer, message])
            """);
        string? port = await python.StandardOutput.ReadLineAsync();
        byte[]? key = curve ? Keys.Public.ToArray() : null;
        var settings = new LinkSettings($"tcp://127.0.0.1:{port}", key, () => RunningLink.Hello);
        using (RunningLink link = new RunningLink(settings).WaitUp())
        {
            foreach (int size in new[] { 0, 200, 256, 65_536, 1_048_576 })
            {
                byte[] message = [(byte)MessageKind.Done, 1, .. new byte[size]];
                Assert.True(link.Link.Send(message));
                Wait.Until(() => link.Messages.Count == 1);
                Assert.True(link.Messages.TryDequeue(out byte[]? heard));
                Assert.Equal(message, heard);
            }
            void Send(int i) => Assert.True(link.Link.Send(RunningRouter.Written(new Done(new((ulong)i), "").Write)));
            NetMqTests.InOrder(Send, () =>
            {
                byte[]? heard = null;
                Wait.Until(() => link.Messages.TryDequeue(out heard));
                return (int)Done.Read(heard!).Id.Value;
            });
            await link.Link.LeaveAsync("done");
        }
        await AssertWorked(python);
    }

    [SkippableFact]
    public void A_libzmq_REQ_socket_is_told_to_use_a_DEALER()
    {
        Skip.If(Missing.Value is not null, Missing.Value);
        using var router = new RunningRouter();
        Run($$"""
            socket = context.socket(zmq.REQ)
            monitor = socket.get_monitor_socket(zmq.EVENT_DISCONNECTED | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL)
            socket.connect('{{router.Router.Address}}')
            assert monitor.poll(10000)
            """);
        Assert.Empty(router.Peers);
    }

    [SkippableFact]
    public void A_libzmq_dealer_without_encryption_is_not_let_in()
    {
        Skip.If(Missing.Value is not null, Missing.Value);
        using var router = new RunningRouter(new("tcp://127.0.0.1:0", Keys), isEcho: true);
        Run($$"""
            socket = context.socket(zmq.DEALER)
            socket.connect('{{router.Router.Address}}')
            socket.send(b'hello')
            assert not socket.poll(300)
            """);
        Assert.Empty(router.Peers);
    }

    private static void Run(string script)
    {
        using Process python = Start(script);
        AssertWorked(python).GetAwaiter().GetResult();
    }

    private static Process Start(string script)
    {
        const string prologue = "import os, time, zmq\ncontext = zmq.Context()\ncontext.linger = 0\n"
            + "context.rcvtimeo = context.sndtimeo = 20000\n";
        var start = new ProcessStartInfo(Python) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(prologue + script);
        return Process.Start(start)!;
    }

    private static async Task AssertWorked(Process python)
    {
        string errors = await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, errors);
    }

    private static string? FindMissing()
    {
        if (!File.Exists(Python)) return $"{Python} is not installed";
        var start = new ProcessStartInfo(Python, ["-c", "import zmq; assert zmq.has('curve')"])
        {
            RedirectStandardError = true,
        };
        using Process python = Process.Start(start)!;
        python.WaitForExit();
        return python.ExitCode == 0 ? null : "Python's zmq (python3-zmq, with CURVE) is not installed";
    }
}
