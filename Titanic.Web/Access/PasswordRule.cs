using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace Titanic.Web.Access;

/// <summary>
/// Long beats complicated (NIST SP 800-63B, 5.1.1): no required kinds of characters, but a minimum length and not one letter repeated.
/// </summary>
internal static class PasswordRule
{
    public const int MinimumLength = 12;
    public const int MinimumDistinctCharacters = 5;
    private const int GeneratedLength = 24;

    // Without 0 O o 1 I l, which people mistake when they copy from a terminal; 24 of these 56 are 139 bits.
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";

    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, GeneratedLength);

    public static bool Accepts(string password) =>
        password.Length >= MinimumLength && password.Distinct().Count() >= MinimumDistinctCharacters;

    public static void Apply(PasswordOptions options)
    {
        options.RequiredLength = MinimumLength;
        options.RequiredUniqueChars = MinimumDistinctCharacters;
        options.RequireDigit = options.RequireLowercase = options.RequireUppercase = options.RequireNonAlphanumeric = false;
    }
}
