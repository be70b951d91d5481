using Microsoft.Extensions.Options;

namespace Titanic.Web.Pipelines;

/// <summary>Configuration section "Bootstrap": what the first start does by itself.</summary>
public sealed class BootstrapOptions
{
    public const string Section = "Bootstrap";

    /// <summary>How many days of the stream to simulate, ending today; 0 for none.</summary>
    public int SimulateDays { get; set; } = 30;

    /// <summary>The passenger list to begin with: a file or an http(s) address; absent means the shipped list, "none" means no list.</summary>
    public string? Dataset { get; set; }
}

internal sealed class BootstrapOptionsValidator : IValidateOptions<BootstrapOptions>
{
    public ValidateOptionsResult Validate(string? name, BootstrapOptions options) => options.SimulateDays is < 0 or > 3650
        ? ValidateOptionsResult.Fail(FormattableString.Invariant($"Bootstrap:SimulateDays is {options.SimulateDays}; it must be 0 to 3650."))
        : ValidateOptionsResult.Success;
}
