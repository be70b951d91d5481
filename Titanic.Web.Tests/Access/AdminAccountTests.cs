using System.Net;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Access;

public sealed class AdminAccountTests(TestPostgres postgres)
{
    [Fact]
    public async Task Returns_a_generated_password_once_and_it_signs_in()
    {
        await using var app = await StartWithoutPassword();

        var password = await EnsureCreated(app);

        Assert.Equal(24, password?.Length);
        Assert.Null(await EnsureCreated(app));
        using var visitor = app.NewVisitor();
        Assert.Equal(HttpStatusCode.Redirect, (await visitor.SignIn(password: password!)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await visitor.Get("/bridge")).StatusCode);
    }

    [Fact]
    public async Task Does_not_return_a_configured_password()
    {
        await using var app = await AccessApp.Start(postgres, withAdministrator: false);

        Assert.Null(await EnsureCreated(app));
        Assert.Equal(1, await app.InScope<TitanicDb, int>(db => db.Users.CountAsync(Visitor.Cancelled)));
    }

    [Fact]
    public async Task Creates_one_administrator_when_processes_start_at_the_same_time()
    {
        await using var app = await StartWithoutPassword();

        var passwords = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => EnsureCreated(app)));

        Assert.Single(passwords, password => password is not null);
        Assert.Equal(1, await app.InScope<TitanicDb, int>(db => db.Users.CountAsync(Visitor.Cancelled)));
        Assert.Equal(1, await app.InScope<TitanicDb, int>(db => db.UserRoles.CountAsync(Visitor.Cancelled)));
    }

    private Task<AccessApp> StartWithoutPassword() =>
        AccessApp.Start(postgres, withAdministrator: false, settings: ("Titanic:Admin:Password", ""));

    private static Task<string?> EnsureCreated(AccessApp app) =>
        app.InScope<AdminAccount, string?>(admin => admin.EnsureCreated(Visitor.Cancelled));
}
