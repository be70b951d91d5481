using System.Globalization;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Access;

/// <summary>The complete product without passengers, for tests of accounts and keys. Each test adds the accounts that it changes.</summary>
public sealed class AccountsSite(TestPostgres postgres)
    : TitanicSite(postgres, ("Bootstrap:SimulateDays", "0"), ("Bootstrap:Dataset", "none"), ("Access:SignInAttempts", "1000"))
{
    /// <summary>The password of all accounts of <see cref="AddAccount"/>.</summary>
    public const string Password = "women and children first";

    protected override bool IsPooled => true;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Adds an account.</summary>
    /// <returns>Its address, which no other account has.</returns>
    public async Task<string> AddAccount(string role)
    {
        var email = $"{role}-{Guid.NewGuid():N}@titanic.local";
        await InScope<Accounts>(accounts => accounts.Add(email, role, Password, "a test", Cancellation));
        return email;
    }

    public async Task InScope<TService>(Func<TService, Task> work) where TService : notnull
    {
        await using var scope = Services.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<TService>());
    }

    /// <summary>The code that an authenticator app shows (RFC 6238: SHA-1, 30 seconds, 6 digits).</summary>
    /// <param name="key">The key in base 32.</param>
    /// <param name="step">Which code: 0 the current one, −1 the one before.</param>
    public static string CodeOf(string key, int step = 0)
    {
        var number = key.Aggregate(BigInteger.Zero, (sum, character) => (sum * 32) + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(character, StringComparison.Ordinal));
        var secret = new byte[key.Length * 5 / 8];
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes.CopyTo(secret, secret.Length - bytes.Length);
        var counter = BitConverter.GetBytes((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + step);
        Array.Reverse(counter);
#pragma warning disable CA5350 // the algorithm of authenticator apps
        var hash = HMACSHA1.HashData(secret, counter);
#pragma warning restore CA5350
        var offset = hash[^1] & 15;
        var value = ((hash[offset] & 127) << 24) | (hash[offset + 1] << 16) | (hash[offset + 2] << 8) | hash[offset + 3];
        return (value % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    /// <summary>The status of the page of the own account: OK while the client is signed in, else a redirect.</summary>
    public static async Task<HttpStatusCode> StatusOfAccountPage(HttpClient client) => (await client.GetAsync("/account", Cancellation)).StatusCode;
}

/// <summary>The test classes of this collection share one site and run one after another.</summary>
[CollectionDefinition]
public sealed class AccountsSiteCollection : ICollectionFixture<AccountsSite>;
