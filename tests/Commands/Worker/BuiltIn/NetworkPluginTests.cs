using System.Text;
using System.Text.Json;
using TriggerFs.Core;
using TriggerFs.Core.Messages;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>
/// The plugins that send the message on to logs and metrics, with those who take them on the other side.
/// </summary>
public sealed class NetworkPluginTests(SyslogDaemon syslog) : IClassFixture<SyslogDaemon>, IDisposable
{
    private readonly Yard _yard = new();
    private readonly Receiver _receiver = new();

    public void Dispose()
    {
        _yard.Dispose();
        _receiver.Dispose();
    }

    private JsonElement Gelf(string message, params (string, string)[] args)
    {
        _receiver.Datagrams.Clear();
        _yard.Do("log/gelf", message, [("address", _receiver.Udp), .. args]);
        byte[][] taken = [];
        WorkerStage.Wait(() => (taken = Receiver.GelfOf(_receiver.Datagrams)).Length == 1, "the message is whole");
        return JsonDocument.Parse(taken[0]).RootElement;
    }

    private static string? Text(JsonElement message, string field) =>
        message.TryGetProperty(field, out JsonElement value) ? value.ToString() : null;

    [Fact]
    public void A_message_of_GELF_has_what_the_specification_asks_for_and_where_it_came_from()
    {
        JsonElement message = Gelf("GET / 200\n", ("level", "4"));
        Assert.Equal(
            ("1.1", Environment.MachineName, "GET / 200", null, "4"),
            (Text(message, "version"), Text(message, "host"), Text(message, "short_message"),
                Text(message, "full_message"), Text(message, "level")));
        Assert.Equal(
            ("team1", "hp", "demoservice", "demo01", "/newtrigger/demotrigger"),
            (Text(message, "_team"), Text(message, "_user"), Text(message, "_service"), Text(message, "_worker"),
                Text(message, "_trigger")));
        double sent = message.GetProperty("timestamp").GetDouble();
        Assert.InRange((DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0) - sent, -1, 60);
    }

    [Fact]
    public void A_long_message_of_GELF_comes_in_chunks_and_is_the_same_when_put_together()
    {
        var random = new Random(5);
        string line = string.Concat(Enumerable.Range(0, 60_000).Select(_ => (char)('!' + random.Next(90))));
        JsonElement message = Gelf($"first\n{line}", ("host", "web1"));
        Assert.True(_receiver.Datagrams.Count > 20);
        Assert.All(_receiver.Datagrams, datagram => Assert.InRange(datagram.Length, 13, 1420));
        Assert.Equal(("first", $"first\n{line}", "web1"),
            (Text(message, "short_message"), Text(message, "full_message"), Text(message, "host")));
        string huge = string.Concat(Enumerable.Range(0, 400_000).Select(_ => (char)('!' + random.Next(90))));
        Assert.Contains("use tcp://", _yard.Failure(65, "log/gelf", huge, ("address", _receiver.Udp)));
    }

    [Fact]
    public void Members_of_a_JSON_message_are_fields_of_GELF()
    {
        JsonElement message = Gelf(
            """{"message":"GET /","status":404,"ua":"curl \"8\"","id":7,"up stream":null,"a b":true}""",
            ("json", "true"));
        Assert.Equal(("GET /", "404", "curl \"8\"", null, null, "true"),
            (Text(message, "short_message"), Text(message, "_status"), Text(message, "_ua"), Text(message, "_id"),
                Text(message, "_up_stream"), Text(message, "_a_b")));
        Assert.Contains("no JSON object",
            _yard.Failure(64, "log/gelf", "text", ("address", _receiver.Udp), ("json", "true")));
        Assert.Contains("is empty", _yard.Failure(64, "log/gelf", "\n", ("address", _receiver.Udp)));
    }

    [Fact]
    public void Over_TCP_a_message_of_GELF_ends_in_a_NUL()
    {
        _yard.Do("log/gelf", "over tcp", ("address", _receiver.Tcp));
        byte[] sent = Receiver.Wait(_receiver.Connections, 1)[0];
        Assert.Equal(0, sent[^1]);
        Assert.Equal("over tcp", Text(JsonDocument.Parse(sent.AsMemory(..^1)).RootElement, "short_message"));
    }

    [Fact]
    public void Where_nobody_listens_the_answer_names_the_address()
    {
        string address;
        using (var gone = new Receiver()) address = gone.Tcp;
        foreach (string plugin in (string[])["log/gelf", "log/syslog", "metrics/statsd"])
            Assert.Contains($"{address} cannot be reached",
                _yard.Failure(69, plugin, "a:1|c", ("address", address)));
        Assert.Contains("unix:/none cannot be reached",
            _yard.Failure(69, "log/syslog", "x", ("address", "unix:/none")));
        Assert.Contains("port", _yard.Failure(64, "log/syslog", "x", ("address", "udp://localhost:99999")));
        Assert.Contains("does not match", _yard.Refusal("log/gelf", "x", ("address", "http://x:1")));
    }

    [Fact]
    public void A_peer_that_takes_nothing_holds_up_its_own_run_alone_until_its_time_is_up()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        ulong held = _yard.Stage.Call(
            "log/gelf", new string('x', 1_000_000), 60_000, ("address", $"tcp://127.0.0.1:{port}"));
        using System.Net.Sockets.Socket deaf = listener.AcceptSocket();
        deaf.ReceiveBufferSize = 4096;
        End echo = _yard.Stage.EndOf(_yard.Stage.Call("echo", "still here"));
        Assert.Equal("still here", Encoding.UTF8.GetString(echo.Tail));
        ulong late = _yard.Stage.Call("file/stream", "", 100, ("path", "/etc/hostname"), ("follow", "true"));
        Assert.Equal(Outcome.TimedOut, _yard.Stage.EndOf(late).Outcome);
        _yard.Stage.Link.Deliver(new Cancel(held, ErrorCode.TimedOut).Write);
        _yard.Stage.EndOf(held);
    }

    [SkippableFact]
    public void Syslog_takes_a_message_by_UDP_TCP_and_its_own_socket()
    {
        Skip.If(syslog.Missing is not null, syslog.Missing);
        foreach ((string address, string name) in new[]
            { (syslog.Udp, "imudp"), (syslog.Tcp, "imtcp"), (syslog.Local, "imuxsock") })
        {
            _yard.Do("log/syslog", $"door {name} is open\n", ("address", address), ("facility", "local3"),
                ("severity", "warning"), ("app", "door"), ("host", "gate7"));
            string line = syslog.LineWith($"door {name} is open");
            Assert.StartsWith($"{name} local3.warning", line);
            Assert.EndsWith($"door is open]".Replace("door is", $"door {name} is"), line);
            Assert.Contains(" door [", line);
            if (name != "imuxsock") Assert.Contains(" gate7 ", line);
        }
    }

    [SkippableFact]
    public void By_TCP_syslog_takes_lines_within_a_message_and_more_than_a_datagram_holds()
    {
        Skip.If(syslog.Missing is not null, syslog.Missing);
        _yard.Do("log/syslog", "two\nlines " + new string('x', 20_000) + " end", ("address", syslog.Tcp));
        Assert.Contains("two#012lines", syslog.LineWith("x end]"));
        Assert.Contains("use tcp://",
            _yard.Failure(65, "log/syslog", new string('x', 66_000), ("address", syslog.Udp)));
    }

    [Fact]
    public void Graphite_gets_values_with_names_and_times()
    {
        _yard.Do("metrics/graphite", "21.5\n",
            ("address", _receiver.Tcp), ("metric", "weather.out"), ("prefix", "dc1."));
        _yard.Do("metrics/graphite", "a.b 1 1700000000\nc 2.5e3\n", ("address", _receiver.Tcp));
        string[] sent = [.. Receiver.Wait(_receiver.Connections, 2).Select(Encoding.ASCII.GetString)];
        Assert.Matches(@"^dc1\.weather\.out 21\.5 \d{10}\n$", sent[0]);
        Assert.Matches(@"^a\.b 1 1700000000\nc 2\.5e3 \d{10}\n$", sent[1]);
        Assert.Contains("'a b c' is no metric",
            _yard.Failure(64, "metrics/graphite", "a 1\na b c", ("address", _receiver.Tcp)));
        Assert.Equal(2, _receiver.Connections.Count);
    }

    [Fact]
    public void Statsd_gets_metrics_of_each_type_several_in_a_datagram()
    {
        _yard.Do("metrics/statsd", "1", ("address", _receiver.Udp), ("metric", "door.opened"));
        _yard.Do("metrics/statsd", string.Concat(Enumerable.Range(0, 200).Select(i => $"m{i}:{i}|ms|@0.5|#a:b\n")),
            ("address", _receiver.Udp));
        WorkerStage.Wait(
            () => _receiver.Datagrams.Sum(one => one.Count(letter => letter == '\n')) == 201, "all metrics came");
        Assert.Equal("door.opened:1|c\n", Encoding.ASCII.GetString(_receiver.Datagrams.First()));
        Assert.All(_receiver.Datagrams, datagram => Assert.InRange(datagram.Length, 1, 1432));
        Assert.Contains("is no metric", _yard.Failure(64, "metrics/statsd", "x|c", ("address", _receiver.Udp)));
        Assert.Contains("does not match",
            _yard.Refusal("metrics/statsd", "1", ("metric", "a:b"), ("address", _receiver.Udp)));
    }
}
