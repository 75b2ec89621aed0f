using System.Globalization;
using TriggerFs.Core;

namespace TriggerFs.Commands.Worker.Plugins;

/// <summary>What the value of an input can be; it travels as text in any case.</summary>
enum InputType : byte
{
    String,

    /// <summary>A whole number that fits 64 bits, in decimal.</summary>
    Integer,

    /// <summary>A decimal number, such as <c>-1.5e3</c>.</summary>
    Number,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,
}

/// <summary>One argument that a plugin takes.</summary>
/// <param name="Name">As in <c>-args name=value</c>.</param>
/// <param name="Type">What its value is.</param>
/// <param name="Required">Whether a run without it is refused.</param>
/// <param name="Default">Its value when none is given; null for none.</param>
/// <param name="Pattern">What the whole value must match; null for anything.</param>
/// <param name="Secret">Its value is never shown, wherever it came from.</param>
/// <param name="IsByDescriptor">A program of the contract exec reads it from a descriptor of its own.</param>
sealed record PluginInput(
    string Name,
    InputType Type = InputType.String,
    bool Required = false,
    string? Default = null,
    ValuePattern? Pattern = null,
    bool Secret = false,
    bool IsByDescriptor = false)
{
    /// <summary>The worker's settings say what it is, as its default here, and no request can say otherwise.</summary>
    public bool IsFixed { get; init; }

    /// <summary>Refuses a value that the plugin does not take; one that must not be seen is not repeated.</summary>
    public void Check(string value, bool isHidden = false)
    {
        const NumberStyles Decimal =
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        (bool fits, string kind) = Type switch
        {
            InputType.Integer => (long.TryParse(
                value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _), "an integer"),
            InputType.Number => (double.TryParse(value, Decimal, CultureInfo.InvariantCulture, out double number)
                && double.IsFinite(number), "a number"),
            InputType.Boolean => (value is "true" or "false", "true or false"),
            _ => (true, ""),
        };
        string shown = isHidden || Secret ? "its value" : $"'{NameRule.Shown(value)}'";
        if (!fits) throw Bad($"{shown} is not {kind}");
        if (Pattern is not null && !Pattern.IsMatch(value))
            throw Bad($"{shown} does not match {Pattern}");
    }

    private TriggerException Bad(string why) => new(
        ErrorCode.Invalid, $"the argument '{Name}' is wrong", why, $"send it right: -args {Name}=…");
}
