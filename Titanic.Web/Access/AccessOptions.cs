using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Titanic.Web.Access;

/// <summary>The configuration section <c>Access</c>: who may read, and limits of sign-ins and sessions.</summary>
public sealed class AccessOptions : IValidatableObject
{
    public const string Section = "Access";

    private const string Public = "public", SignedIn = "signed-in";

    /// <summary>
    /// Who may read and predict: <c>public</c> (default) everyone, <c>signed-in</c> only accounts and API keys of any scope.
    /// </summary>
    public string Read { get; set; } = Public;

    /// <summary>Whether reading requires a sign-in or a key.</summary>
    internal bool RequiresSignIn => Read == SignedIn;

    /// <summary>
    /// The number of sign-in attempts, successful or not, that one remote address can make per <see cref="SignInWindow"/>; 1 to 1000,
    /// default 10.
    /// </summary>
    [SettingRange(Section, 1, 1000)]
    public int SignInAttempts { get; set; } = 10;

    /// <summary>The fixed window of <see cref="SignInAttempts"/>; 1 second to 30 days, default 1 minute.</summary>
    [SettingRange(Section, "00:00:01", "30.00:00:00")]
    public TimeSpan SignInWindow { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a sign-in is valid without a request; 1 second to 30 days, default 8 hours.</summary>
    [SettingRange(Section, "00:00:01", "30.00:00:00")]
    public TimeSpan SessionTime { get; set; } = TimeSpan.FromHours(8);

    /// <summary>How long a sign-in is valid at most, also with requests; 1 second to 365 days, default 7 days.</summary>
    [SettingRange(Section, "00:00:01", "365.00:00:00")]
    public TimeSpan SessionLifetime { get; set; } = TimeSpan.FromDays(7);

    IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext validationContext)
    {
        if (Read is not (Public or SignedIn))
            yield return new(ErrorText.Invalid($"{Section}:{nameof(Read)}", Read, ErrorText.OneOf([Public, SignedIn])));
    }
}

[OptionsValidator]
internal sealed partial class AccessOptionsValidator : IValidateOptions<AccessOptions>;
