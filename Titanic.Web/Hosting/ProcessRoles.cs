using Microsoft.Extensions.Options;

namespace Titanic.Web.Hosting;

/// <summary>What this process does: one image serves pages, or works off queues, or both.</summary>
public sealed class ProcessRoles
{
    public const string Setting = "Titanic:Roles";

    private const string Web = "web", Features = "features", Training = "training", Inference = "inference";

    private static readonly string[] _all = [Web, Features, Training, Inference];

    /// <summary>Comma-separated; empty means everything.</summary>
    public string? Roles { get; set; }

    public IReadOnlyList<string> Names => string.IsNullOrWhiteSpace(Roles)
        ? _all
        : [.. Roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name.ToLowerInvariant())];

    public bool ServesPages => Names.Contains(Web);

    /// <summary>The Hangfire queues to work off; monitoring goes with inference, whose answers it judges, and the audit with training, which it repeats.</summary>
    public IReadOnlyList<string> Queues =>
    [
        .. Names.Contains(Features) ? ["features"] : Array.Empty<string>(),
        .. Names.Contains(Inference) ? ["inference", "monitoring"] : Array.Empty<string>(),
        .. Names.Contains(Training) ? ["training", "audit"] : Array.Empty<string>(),
    ];

    internal sealed class Validator : IValidateOptions<ProcessRoles>
    {
        public ValidateOptionsResult Validate(string? name, ProcessRoles options) =>
            options.Names.Except(_all).FirstOrDefault() is { } unknown
                ? ValidateOptionsResult.Fail($"{Setting} names \"{unknown}\"; the roles are {string.Join(", ", _all)}.")
                : ValidateOptionsResult.Success;
    }
}
