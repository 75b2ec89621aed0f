using System.Text;

namespace TriggerFs.Core;

/// <summary>The name of a person, for people to read: at most 128 bytes of UTF-8, and no control characters.</summary>
static class PersonName
{
    /// <summary>The name as it is; refuses what cannot be one.</summary>
    public static string Parse(string text)
    {
        if (text.Any(char.IsControl) || Encoding.UTF8.GetByteCount(text) > Limits.FullNameMax)
            throw new TriggerException(ErrorCode.Invalid, "this cannot be a person's name",
                $"at most {Limits.FullNameMax} bytes are allowed, and no control characters");
        return text;
    }
}
