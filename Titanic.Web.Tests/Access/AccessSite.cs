namespace Titanic.Web.Tests.Access;

/// <summary>
/// One <see cref="AccessApp"/> for all tests of a class, with no limit to how often they sign in. A test that locks an account or counts
/// what is there brings its own names.
/// </summary>
public sealed class AccessSite(TestPostgres postgres) : IAsyncLifetime
{
    internal AccessApp App { get; private set; } = null!;

    public async ValueTask InitializeAsync() => App = await AccessApp.Start(postgres, settings: ("Access:SignInAttempts", "1000"));

    public ValueTask DisposeAsync() => App.DisposeAsync();
}
