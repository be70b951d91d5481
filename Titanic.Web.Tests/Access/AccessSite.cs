namespace Titanic.Web.Tests.Access;

/// <summary>
/// One <see cref="AccessApp"/> for all tests of a class, with a high limit for sign-ins. A test that locks an account or counts rows uses
/// names of its own.
/// </summary>
public sealed class AccessSite(TestPostgres postgres) : IAsyncLifetime
{
    internal AccessApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync() => App = await AccessApp.Start(postgres, settings: ("Access:SignInAttempts", "1000"));

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
