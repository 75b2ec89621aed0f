using System.Net;
using System.Net.Http.Headers;
using System.Text;
using TriggerFs.Commands.Worker.Plugins;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// <c>http/request</c>: the message, or a template with it, to a web service. What a template puts in is encoded for
/// the
/// place that it stands in, so that no message can change the form around it.
/// </summary>
sealed class HttpWork : IWork, IDisposable
{
    private static readonly TimeSpan[] Pauses =
        [TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)];

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, // Where a secret goes is said by the settings, and not by an answer.
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // A name may stand for another host by then.
        AutomaticDecompression = DecompressionMethods.All,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan, // The run's own counts.
    };

    public PluginManifest Manifest { get; } = BuiltInPlugins.Manifest(
        "http/request",
        "sends the message, or a template with it, to a web service",
        "triggerfs client -service demo -plugin http/request -args url=http://web:8080/hook -command 'door is open'",
        new("url", Required: true, Pattern: new(@"https?://[^/\s]+(/\S*)?")),
        BuiltInPlugins.WordInput("method", "POST", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
        BuiltInPlugins.WordInput("type", "text", "text", "json", "form"),
        new("body", Default: "{message}"),
        new("headers", Default: ""),
        new("to", Default: ""),
        new("from", Default: ""),
        new("subject", Default: ""),
        new("user", Default: ""),
        new("password", Default: "", Secret: true),
        new("token", Default: "", Secret: true),
        new("retries", InputType.Integer, Default: "2", Pattern: new("[0-4]")));

    public void Dispose() => _client.Dispose();

    public async Task<int> RunAsync(WorkCall call, CancellationToken stop)
    {
        var template = new HttpTemplate(call);
        int retries = call.Number("retries", 0, Pauses.Length);
        for (int attempt = 0; ; attempt++)
        {
            using HttpRequestMessage request = Request(call, template);
            try
            {
                using HttpResponseMessage answer =
                    await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
                if (attempt == retries || !MayTryAgain(request.Method, answer.StatusCode))
                    return await TellAsync(call, answer, stop);
            }
            catch (HttpRequestException problem)
            {
                if (attempt == retries || !MayTryAgain(request.Method, problem.HttpRequestError))
                    throw Failed(call, problem);
            }
            await Task.Delay(Pauses[attempt], stop);
        }
    }

    private static HttpRequestMessage Request(WorkCall call, HttpTemplate template)
    {
        var request = new HttpRequestMessage(new(call.Text("method")), template.Url(call.Text("url")));
        if (call.Text("user") is { Length: > 0 } user)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(
                Encoding.UTF8.GetBytes($"{user}:{call.Text("password")}")));
        else if (call.Text("token") is { Length: > 0 } token && !template.Has("token"))
            request.Headers.Authorization = new("Bearer", token);
        if (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)
        {
            request.Content = new ByteArrayContent(template.Body(call.Text("body"), call.Text("type")));
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(HttpTemplate.TypeOf(call.Text("type")));
        }
        foreach (string line in call.Text("headers").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            AddHeader(request, template.Header(line));
        return request;
    }

    private static void AddHeader(HttpRequestMessage request, string line)
    {
        string[] parts = line.Split(':', 2, StringSplitOptions.TrimEntries);
        if (parts.Length == 2 && request.Headers.TryAddWithoutValidation(parts[0], parts[1])) return;
        request.Content?.Headers.Remove(parts[0]);
        if (parts.Length == 2 && request.Content?.Headers.TryAddWithoutValidation(parts[0], parts[1]) == true) return;
        throw new TriggerException(ErrorCode.Invalid, $"'{NameRule.Shown(parts[0])}' is no header",
            fix: "write a line for each: NAME: VALUE");
    }

    /// <summary>The answer's body is the output, and what is no 2xx is a failure.</summary>
    private static async Task<int> TellAsync(WorkCall call, HttpResponseMessage answer, CancellationToken stop)
    {
        await using Stream body = await answer.Content.ReadAsStreamAsync(stop);
        byte[] buffer = new byte[Limits.OutputChunkMax];
        for (int length; (length = await body.ReadAsync(buffer, stop)) > 0;)
            await call.Output.WriteAsync(buffer.AsMemory(0, length), !answer.IsSuccessStatusCode, stop);
        return answer.IsSuccessStatusCode ? 0 : throw new TriggerException(
            ErrorCode.Unsupported, $"the server answered {(int)answer.StatusCode} {answer.ReasonPhrase}");
    }

    /// <summary>What asks for the same twice is only sent again when the server said that it did nothing.</summary>
    private static bool MayTryAgain(HttpMethod method, HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable
        || ((int)status >= 500 && IsIdempotent(method));

    private static bool MayTryAgain(HttpMethod method, HttpRequestError error) =>
        error is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError || IsIdempotent(method);

    private static bool IsIdempotent(HttpMethod method) => method != HttpMethod.Post && method != HttpMethod.Patch;

    private static TriggerException Failed(WorkCall call, HttpRequestException problem)
    {
        string host = Uri.TryCreate(call.Text("url"), UriKind.Absolute, out Uri? url) ? url.Authority : "the server";
        string why = problem.InnerException?.Message ?? problem.Message;
        return problem.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            ? new(ErrorCode.NotFound, $"{host} cannot be reached", why)
            : new(ErrorCode.BrokerLost, $"{host} did not answer", why, "look there whether it did what was asked");
    }
}
