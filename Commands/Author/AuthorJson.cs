using System.Text.Encodings.Web;
using System.Text.Json;

namespace TriggerFs.Commands.Author;

/// <summary>How JSON is written that people read, too; it is in no web page.</summary>
static class AuthorJson
{
    public static readonly JsonWriterOptions Form = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
