using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Titanic.Web.Hosting;

namespace Titanic.Web.Tests.Hosting;

/// <summary>The product with some of its roles, like one of several containers: on a free port, with a shared database.</summary>
internal sealed class RoleProcess : WebApplicationFactory<Program>
{
    private readonly string _roles;
    private readonly string _connectionString;

    private RoleProcess(string roles, string connectionString) => (_roles, _connectionString) = (roles, connectionString);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static RoleProcess Start(string roles, string connectionString)
    {
        var process = new RoleProcess(roles, connectionString);
        process.UseKestrel(0);
        process.StartServer();
        return process;
    }

    /// <summary>Waits until the text of /health/ready is the expected one.</summary>
    /// <returns>The text.</returns>
    public async Task<string> WaitForHealth(Predicate<string> expected)
    {
        using var client = CreateClient();
        var text = "";
        await Eventually.True(async () => expected(text = await (await client.GetAsync("/health/ready", Cancelled)).Content.ReadAsStringAsync(Cancelled)),
            $"the process with the roles {_roles} reports the expected health");
        return text;
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder) => builder
        .UseEnvironment("Development")
        .UseSetting("ConnectionStrings:Titanic", _connectionString)
        .UseSetting(ProcessRoles.Setting, _roles)
        .UseSetting("Titanic:Admin:Password", "full steam ahead 1912")
        .UseSetting("Bootstrap:SimulateDays", "0")
        .UseSetting("Bootstrap:Dataset", "none");
}
