using Microsoft.Extensions.Options;

namespace Titanic.Web.Hosting;

/// <summary>The roles of this process: one image serves pages, processes job queues, or both.</summary>
public sealed class ProcessRoles
{
    public const string Setting = "Titanic:Roles";

    private const string Web = "web", Features = "features", Training = "training", Inference = "inference";

    private static readonly string[] _all = [Web, Features, Training, Inference];

    /// <summary>Comma-separated role names; null or empty means all roles.</summary>
    public string? Roles { get; set; }

    /// <summary>The role names in lower case.</summary>
    public IReadOnlyList<string> Names => string.IsNullOrWhiteSpace(Roles)
        ? _all
        : [.. Roles.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(name => name.ToLowerInvariant())];

    public bool ServesPages => Names.Contains(Web);

    /// <summary>
    /// The Hangfire queues to process. The role inference also processes monitoring, which evaluates predictions; the role training also
    /// processes the audit, which retrains versions.
    /// </summary>
    public IReadOnlyList<string> Queues =>
    [
        .. Names.Contains(Features) ? ["features"] : Array.Empty<string>(),
        .. Names.Contains(Inference) ? ["inference", "monitoring"] : Array.Empty<string>(),
        .. Names.Contains(Training) ? ["training", "audit"] : Array.Empty<string>(),
    ];

    internal sealed class ProcessRolesValidator : IValidateOptions<ProcessRoles>
    {
        public ValidateOptionsResult Validate(string? name, ProcessRoles options) =>
            options.Names.Except(_all).FirstOrDefault() is { } unknown
                ? ValidateOptionsResult.Fail(ErrorText.UnknownName("role", unknown, _all, $" in {Setting}"))
                : ValidateOptionsResult.Success;
    }
}
