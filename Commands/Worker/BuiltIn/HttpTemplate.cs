using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.BuiltIn;

/// <summary>
/// Texts with <c>{message}</c>, <c>{to}</c>, <c>{from}</c>, <c>{subject}</c>, <c>{user}</c>, <c>{token}</c>,
/// <c>{worker}</c>,
/// <c>{service}</c> and <c>{trigger}</c> in them, each put in as the text around it needs it. Other braces stay.
/// </summary>
sealed partial class HttpTemplate(WorkCall call)
{
    /// <summary>The media type of a body.</summary>
    public static string TypeOf(string type) => type switch
    {
        "json" => "application/json; charset=utf-8",
        "form" => "application/x-www-form-urlencoded",
        _ => "text/plain; charset=utf-8",
    };

    /// <summary>A whole URL; what is put in cannot add to its parts.</summary>
    public Uri Url(string template)
    {
        string text = Fill(template, Uri.EscapeDataString);
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? url) ? url
            : throw new TriggerException(ErrorCode.Invalid, "the argument 'url' is no URL");
    }

    /// <summary>A body of some type. A text that is the message alone is sent byte for byte.</summary>
    public byte[] Body(string template, string type)
    {
        if (template == "{message}" && type != "form") return call.Message;
        return Encoding.UTF8.GetBytes(Fill(template, type switch
        {
            "json" => text => JsonEncodedText.Encode(text).ToString(),
            "form" => Uri.EscapeDataString,
            _ => text => text,
        }));
    }

    /// <summary>A line of a header, which stays one.</summary>
    public string Header(string template) => Fill(template, text => text.ReplaceLineEndings(" "));

    /// <summary>Whether the URL or a header has a place for something.</summary>
    public bool Has(string name) => $"{call.Text("url")}\n{call.Text("headers")}".Contains($"{{{name}}}");

    private string Fill(string template, Func<string, string> encode) =>
        Place().Replace(template, place => encode(ValueOf(place.Groups[1].Value)));

    private string ValueOf(string name) => name switch
    {
        "message" => Encoding.UTF8.GetString(call.Line.Span),
        "worker" => call.Worker,
        "service" => call.Service,
        "trigger" => call.Trigger,
        _ => call.Text(name),
    };

    [GeneratedRegex(@"\{(message|to|from|subject|user|token|worker|service|trigger)\}")]
    private static partial Regex Place();
}
