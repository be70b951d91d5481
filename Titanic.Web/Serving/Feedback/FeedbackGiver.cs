using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Titanic.Web.Access;

namespace Titanic.Web.Serving.Feedback;

/// <summary>
/// Who says something of an answer. A browser is told from others by the antiforgery cookie that the form needs anyhow: no address is
/// kept, and no cookie is set for it. Only a digest of that secret and the answer's number is stored, so that words about two answers cannot
/// be laid at one reader's door.
/// </summary>
public sealed class FeedbackGiver
{
    private readonly string? _secret;

    private FeedbackGiver(string name, string? secret) => (Name, _secret) = (name, secret);

    /// <summary>An account's or a key's name, or "anonymous".</summary>
    public string Name { get; }

    public static FeedbackGiver Of(HttpContext context)
    {
        var name = AuditLog.NameOf(context.User);
        if (context.User.Identity is { IsAuthenticated: true })
            return new FeedbackGiver(name, "name " + name);
        return new FeedbackGiver(name, context.Request.Cookies[CookieAntiforgery.CookieName] is { Length: > 0 } cookie ? "browser " + cookie : null);
    }

    /// <summary>SHA-256; null for a program without a key, whose words cannot be told apart.</summary>
    internal byte[]? ReaderOf(long predictionId) =>
        _secret is null ? null : SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{predictionId} {_secret}")));
}
