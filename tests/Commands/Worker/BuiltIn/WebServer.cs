using System.Collections.Concurrent;
using System.Net;
using System.Text;
using TriggerFs.Tests.EndToEnd;

namespace TriggerFs.Tests.Commands.Worker.BuiltIn;

/// <summary>One request as it came.</summary>
sealed record WebRequest(string Method, string Path, string? Authorization, string? Type, string Body, string? Extra);

/// <summary>
/// A web service on loopback that keeps what it is asked and answers as the test says. It is shaped like Twilio's: a
/// message to <c>/2010-04-01/Accounts/AC1/Messages.json</c> needs the account's name and secret, and is created.
/// </summary>
sealed class WebServer : IDisposable
{
    public const string Account = "AC1", Secret = "tw1lio-c4nary-0f5b";

    private readonly HttpListener _listener = new();

    public WebServer()
    {
        Url = Site.FreeAddress().Replace("tcp://", "http://", StringComparison.Ordinal);
        _listener.Prefixes.Add(Url + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    public ConcurrentQueue<WebRequest> Requests { get; } = new();

    /// <summary>Statuses of the answers to come, one each; 200 behind the last.</summary>
    public ConcurrentQueue<int> Answers { get; } = new();

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        try
        {
            while (true) Serve(await _listener.GetContextAsync());
        }
        catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private void Serve(HttpListenerContext context)
    {
        using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
        var request = new WebRequest(
            context.Request.HttpMethod, context.Request.RawUrl!, context.Request.Headers["Authorization"],
            context.Request.ContentType, reader.ReadToEnd(), context.Request.Headers["X-Extra"]);
        Requests.Enqueue(request);
        (int status, string body) = request.Path.StartsWith("/2010-04-01/", StringComparison.Ordinal)
            ? Twilio(request) : (Answers.TryDequeue(out int next) ? next : 200, $"got {request.Body}\n");
        context.Response.StatusCode = status;
        context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(body));
        context.Response.Close();
    }

    private static (int Status, string Body) Twilio(WebRequest request)
    {
        string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Account}:{Secret}"));
        if (request.Authorization != $"Basic {basic}")
            return (401, """{"code": 20003, "message": "Authenticate", "status": 401}""");
        Dictionary<string, string> form = request.Body.Split('&').Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        return form.TryGetValue("To", out string? to) && form.ContainsKey("From") && form.ContainsKey("Body")
            ? (201, $$"""{"sid": "SM1", "status": "queued", "to": "{{to}}", "auth": "{{Secret}}"}""" + "\n")
            : (400, """{"code": 21602, "message": "Message body is required.", "status": 400}""");
    }
}
