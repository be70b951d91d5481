using System.Net;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Access;

public sealed class AdminAccountTests(TestPostgres postgres)
{
    [Fact]
    public async Task A_generated_password_is_told_once_and_opens_the_site()
    {
        await using var app = await WithoutPassword();

        var told = await EnsureCreated(app);

        Assert.Equal(24, told?.Length);
        Assert.Null(await EnsureCreated(app));
        using var visitor = app.NewVisitor();
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.SignIn(password: told!)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/bridge")).StatusCode);
    }

    [Fact]
    public async Task A_configured_password_is_never_told()
    {
        await using var app = await AccessApp.Start(postgres, withAdministrator: false);

        Assert.Null(await EnsureCreated(app));
        Assert.Equal(1, await app.In<TitanicDb, int>(db => db.Users.CountAsync(Visitor.Cancelled)));
    }

    [Fact]
    public async Task Of_processes_that_start_at_once_one_makes_the_administrator()
    {
        await using var app = await WithoutPassword();

        var told = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => EnsureCreated(app)));

        Assert.Single(told, password => password is not null);
        Assert.Equal(1, await app.In<TitanicDb, int>(db => db.Users.CountAsync(Visitor.Cancelled)));
        Assert.Equal(1, await app.In<TitanicDb, int>(db => db.UserRoles.CountAsync(Visitor.Cancelled)));
    }

    [Fact]
    public async Task Another_administrator_is_made_on_request_but_not_twice()
    {
        await using var app = await AccessApp.Start(postgres);

        Assert.Null(await Create(app, "officer@titanic.local", "women and children first"));
        using var visitor = app.NewVisitor();
        await visitor.SignIn("officer@titanic.local", "women and children first");
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/bridge")).StatusCode);

        var twice = await Assert.ThrowsAsync<InvalidOperationException>(() => Create(app, "officer@titanic.local", null));
        Assert.Contains("officer@titanic.local was not created", twice.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_password_leaves_no_account_behind()
    {
        await using var app = await AccessApp.Start(postgres);

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => Create(app, "officer@titanic.local", "short"));

        Assert.Contains("at least 12 characters", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(1, await app.In<TitanicDb, int>(db => db.Users.CountAsync(Visitor.Cancelled)));
    }

    private Task<AccessApp> WithoutPassword() =>
        AccessApp.Start(postgres, withAdministrator: false, settings: ("Titanic:Admin:Password", ""));

    private static Task<string?> EnsureCreated(AccessApp app) =>
        app.In<AdminAccount, string?>(admin => admin.EnsureCreated(Visitor.Cancelled));

    private static Task<string?> Create(AccessApp app, string email, string? password) =>
        app.In<AdminAccount, string?>(admin => admin.Create(email, password, Visitor.Cancelled));
}
