using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace Titanic.Web.Access;

/// <summary>
/// The rules of passwords: a length, a number of distinct characters, and neither easy to guess nor the account's own address. There are no
/// character classes (NIST SP 800-63B, 5.1.1: length and lists of known passwords matter more than composition).
/// </summary>
internal static class PasswordPolicy
{
    public const int MinimumLength = 12;
    public const int MinimumDistinctCharacters = 5;

    /// <summary>Hashing and rating longer texts costs time and adds no security.</summary>
    public const int MaximumLength = 128;

    /// <summary>
    /// The rating of zxcvbn from which a password is accepted, 0 to 4: 2 means about 10^8 guesses by lists of common passwords, names and words
    /// and by patterns. The throttle allows about 10^6 guesses per account and year (<see cref="SignInThrottle"/>).
    /// </summary>
    private const int MinimumScore = 2;

    /// <summary>A shorter name of an address is a part of too many words to be refused.</summary>
    private const int ShortestRefusedName = 3;

    private const int GeneratedLength = 24;

    // Without 0 O o 1 I l, which are easy to confuse; 24 characters of these 56 have 139 bits of entropy.
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

    /// <summary>What a new password must be, for hints of forms.</summary>
    public static string Description =>
        $"{MinimumLength} to {MaximumLength} characters, at least {MinimumDistinctCharacters} of them distinct; not a common password and without your address.";

    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, GeneratedLength);

    /// <summary>Why a password is refused, as a sentence; null if it is accepted.</summary>
    /// <param name="subject">The begin of the sentence, such as "The password".</param>
    /// <param name="email">The address of its account.</param>
    public static string? FindProblem(string subject, string password, string email)
    {
        var distinct = password.Distinct().Count();
        if (password.Length is < MinimumLength or > MaximumLength || distinct < MinimumDistinctCharacters)
        {
            return $"{subject} has {Quantity.Of(password.Length, "character")}, {distinct} of them distinct; it must have {MinimumLength} to {MaximumLength} characters, "
                + $"at least {MinimumDistinctCharacters} of them distinct.";
        }
        var name = email.Split('@')[0];
        if (name.Length >= ShortestRefusedName && password.Contains(name, StringComparison.OrdinalIgnoreCase))
            return $"{subject} contains the address of the account; it must not.";
        var rating = Zxcvbn.Zxcvbn.MatchPassword(password, [email, name]);
        return rating.Score >= MinimumScore
            ? null
            : $"{subject} is easy to guess, because it consists of common passwords, words, names, dates or sequences; it must be longer or less common, such as five random words.";
    }
}

/// <summary>Makes Identity refuse passwords by <see cref="PasswordPolicy"/>, instead of by its own validator.</summary>
internal sealed class PasswordRules : IPasswordValidator<IdentityUser>
{
    public const string ErrorCode = "Password";

    public Task<IdentityResult> ValidateAsync(UserManager<IdentityUser> manager, IdentityUser user, string? password) => Task.FromResult(
        PasswordPolicy.FindProblem("The password", password ?? "", user.UserName ?? "") is { } problem
            ? IdentityResult.Failed(new IdentityError { Code = ErrorCode, Description = problem })
            : IdentityResult.Success);
}
