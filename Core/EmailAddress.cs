namespace TriggerFs.Core;

/// <summary>
/// An e-mail address in lower case: a dot-atom, '@' and a host name (RFC 5321, without quoted local parts and address
/// literals), ASCII, at most 254 characters.
/// </summary>
readonly record struct EmailAddress(string Value)
{
    /// <summary>Characters of an address: what fits into a path of SMTP (RFC 5321, section 4.5.3.1.3).</summary>
    public const int LengthMax = 254;

    private const int LocalMax = 64;
    private const int LabelMax = 63;

    public static EmailAddress Parse(string text)
    {
        int at = text.LastIndexOf('@');
        if (text.Length > LengthMax || at is < 1 or > LocalMax) throw Bad(text);
        string local = text[..at], host = text[(at + 1)..];
        if (!local.Split('.').All(atom => atom.Length > 0 && atom.All(IsAtom))) throw Bad(text);
        string[] labels = host.Split('.');
        if (labels.Length < 2 || !labels.All(IsLabel)) throw Bad(text);
        return new(text.ToLowerInvariant());
    }

    public override string ToString() => Value;

    private static bool IsAtom(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || "!#$%&'*+-/=?^_`{|}~".Contains(letter);

    private static bool IsLabel(string label) => label.Length is > 0 and <= LabelMax
        && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '-')
        && label[0] != '-' && label[^1] != '-';

    private static TriggerException Bad(string text) => new(ErrorCode.Invalid,
        $"'{NameRule.Shown(text)}' is not an e-mail address", fix: "write it like alice@example.com");
}
