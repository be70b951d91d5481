using Microsoft.Extensions.Options;

namespace Titanic.Web.Pipelines;

/// <summary>Configuration section "Bootstrap": what the first start does by itself.</summary>
public sealed class BootstrapOptions
{
    public const string Section = "Bootstrap";

    /// <summary>The dataset that is none.</summary>
    public const string NoList = "none";

    /// <summary>How many days of the stream to simulate, ending today; 0 for none.</summary>
    public int SimulateDays { get; set; } = 30;

    /// <summary>The passenger list to begin with: a file or an http(s) address; absent means the shipped list, <see cref="NoList"/> means no list, and then no days either.</summary>
    public string? Dataset { get; set; }
}

internal sealed class BootstrapOptionsValidator : IValidateOptions<BootstrapOptions>
{
    public ValidateOptionsResult Validate(string? name, BootstrapOptions options) => options switch
    {
        { SimulateDays: < 0 or > 3650 } => ValidateOptionsResult.Fail(
            FormattableString.Invariant($"Bootstrap:SimulateDays is {options.SimulateDays}; it must be 0 to 3650.")),
        { SimulateDays: > 0, Dataset: BootstrapOptions.NoList } => ValidateOptionsResult.Fail(FormattableString.Invariant(
            $"Bootstrap:Dataset is \"{BootstrapOptions.NoList}\" and Bootstrap:SimulateDays is {options.SimulateDays}; without a list there is no model to live through days with, so it must be 0.")),
        _ => ValidateOptionsResult.Success,
    };
}
