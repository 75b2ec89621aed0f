using TriggerFs.Commands;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary><c>http/request</c>, with a real web server on the other side.</summary>
public sealed class HttpPluginTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly WebServer _web = new();
    private readonly Yard _yard;

    public HttpPluginTests()
    {
        string secrets = _folder.Write("secrets.toml", $"twilio = \"{WebServer.Secret}\"\nbot = \"77:b0t-c4nary\"\n");
        File.SetUnixFileMode(secrets, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _yard = new(
            [
                Yard.Section("sms/twilio", "http/request", [],
                    ("url", _web.Url + "/2010-04-01/Accounts/{user}/Messages.json"), ("user", WebServer.Account),
                    ("password", "@secret:twilio"), ("type", "form"), ("from", "+15550001"),
                    ("body", "To={to}&From={from}&Body={message}")),
                Yard.Section("telegram/bot", "http/request", [],
                    ("url", _web.Url + "/bot{token}/sendMessage"), ("token", "@secret:bot"), ("type", "json"),
                    ("body", """{"chat_id":"{to}","text":"{message}"}""")),
            ],
            new(File: secrets));
    }

    public void Dispose()
    {
        _yard.Dispose();
        _web.Dispose();
        _folder.Dispose();
    }

    private WebRequest Request() => Assert.Single(_web.Requests);

    [Fact]
    public void The_message_is_the_body_and_the_answer_is_the_output()
    {
        string output = _yard.Do("http/request", "door is open\n", ("url", _web.Url + "/hook?a=1"), ("token", "t1"),
            ("headers", "X-Extra: {message}\nAccept: text/plain"));
        Assert.Equal("got door is open\n\n", output);
        Assert.Equal(
            new("POST", "/hook?a=1", "Bearer t1", "text/plain; charset=utf-8", "door is open\n", "door is open"),
            Request());
    }

    [Fact]
    public void An_SMS_of_Twilio_is_sent_with_its_secret_masked_in_the_answer()
    {
        string output = _yard.Do("sms/twilio", "Hey, 3pm & all?\n", ("to", "+49 160"));
        Assert.Contains("\"status\": \"queued\"", output);
        Assert.Contains("\"auth\": \"***\"", output);
        Assert.DoesNotContain(WebServer.Secret, output);
        Assert.Equal("To=%2B49%20160&From=%2B15550001&Body=Hey%2C%203pm%20%26%20all%3F", Request().Body);
        Assert.Contains("cannot be chosen", _yard.Refusal("sms/twilio", "x", ("to", "1"), ("url", "http://evil")));
    }

    [Fact]
    public void A_message_of_Telegrams_bot_cannot_break_out_of_its_JSON_or_its_URL()
    {
        _yard.Do("telegram/bot", "a \"quote\"\nand {token}", ("to", "-100"));
        Assert.Equal("/bot77%3Ab0t-c4nary/sendMessage", Request().Path);
        using var json = System.Text.Json.JsonDocument.Parse(Request().Body);
        Assert.Equal("a \"quote\"\nand {token}", json.RootElement.GetProperty("text").GetString());
        Assert.Null(Request().Authorization);
    }

    [Fact]
    public void An_answer_that_is_a_failure_is_one_with_its_body_on_standard_error()
    {
        _web.Answers.Enqueue(404);
        (End end, string output, string error) = _yard.Run("http/request", "x", 30_000, ("url", _web.Url + "/none"));
        Assert.Equal((64, "", "got x\n"), (end.ExitCode, output, error));
        Assert.Contains("the server answered 404", end.Detail);
    }

    [Fact]
    public void A_server_that_is_busy_is_asked_again_and_one_that_may_have_done_it_is_not()
    {
        _web.Answers.Enqueue(503);
        _yard.Do("http/request", "x", ("url", _web.Url));
        Assert.Equal(2, _web.Requests.Count);
        _web.Answers.Enqueue(500);
        Assert.Contains("answered 500", _yard.Failure(64, "http/request", "x", ("url", _web.Url)));
        Assert.Equal(3, _web.Requests.Count);
        _web.Answers.Enqueue(500);
        _yard.Do("http/request", "x", ("url", _web.Url), ("method", "PUT"));
        Assert.Equal(5, _web.Requests.Count);
        _web.Answers.Enqueue(503);
        Assert.Contains("answered 503",
            _yard.Failure(64, "http/request", "x", ("url", _web.Url), ("retries", "0")));
    }

    [Fact]
    public void A_server_that_is_not_there_is_named_and_one_that_is_silent_ends_with_the_run()
    {
        string url = EndToEnd.Site.FreeAddress().Replace("tcp:", "http:");
        Assert.Contains($"{url[7..]} cannot be reached",
            _yard.Failure(69, "http/request", "x", ("url", url), ("retries", "1")));
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        string deaf = $"http://127.0.0.1:{((System.Net.IPEndPoint)silent.LocalEndpoint).Port}";
        ulong run = _yard.Stage.Call("http/request", "x", 300, ("url", deaf));
        Assert.Equal(TriggerFs.Core.Messages.Outcome.TimedOut, _yard.Stage.EndOf(run).Outcome);
        Assert.Contains("does not match", _yard.Refusal("http/request", "x", ("url", "file:///etc/passwd")));
    }
}
