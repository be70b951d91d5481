using Npgsql;
using Titanic.Web.Hosting;
using Titanic.Web.Tests.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting;

public sealed class SecretsTests : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    private string Superuser => _folder.PathTo("superuser/password");

    private string App => _folder.PathTo("app/ConnectionStrings__Titanic");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Writes_a_password_for_the_superuser_and_another_in_the_apps_connection_string()
    {
        var command = CommandLine.Parse(["create-secrets", _folder.Path, "--host", "somewhere"]);
        Assert.False(command.NeedsApplication);
        Assert.Equal(0, await command.Execute());

        var password = File.ReadAllText(Superuser);
        Assert.Matches("^[0-9a-f]{32}$", password);
        var app = new NpgsqlConnectionStringBuilder(File.ReadAllText(App));
        Assert.Equal(("somewhere", "titanic", "titanic"), (app.Host, app.Username, app.Database));
        Assert.Matches("^[0-9a-f]{32}$", app.Password);
        Assert.NotEqual(password, app.Password);
    }

    [Fact]
    public void The_files_are_readable_only_by_their_owner()
    {
        Assert.Equal(2, Secrets.CreateIfMissing(_folder.Path, "database").Count());
        if (OperatingSystem.IsWindows())
            return;
        foreach (var file in (string[])[Superuser, App])
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        }
    }

    [Fact]
    public void Writes_missing_files_and_does_not_change_existing_ones()
    {
        Assert.All(
            Secrets.CreateIfMissing(_folder.Path, "database"), line => Assert.EndsWith("was written.", line, StringComparison.Ordinal));
        var before = File.ReadAllText(Superuser);
        File.Delete(App);
        File.WriteAllText(App + ".new", "half a secr"); // the machine stopped while the file was written

        Assert.Equal(
            [$"{Superuser} exists; it was not changed.", $"{App} was written."], Secrets.CreateIfMissing(_folder.Path, "database"));
        Assert.Equal(before, File.ReadAllText(Superuser));
        Assert.Equal("database", new NpgsqlConnectionStringBuilder(File.ReadAllText(App)).Host);
        Assert.False(File.Exists(App + ".new"));
    }

    [Fact]
    public void The_output_contains_no_secrets()
    {
        var lines = string.Join('\n', Secrets.CreateIfMissing(_folder.Path, "database"));

        Assert.DoesNotContain(File.ReadAllText(Superuser), lines, StringComparison.Ordinal);
        Assert.DoesNotContain(new NpgsqlConnectionStringBuilder(File.ReadAllText(App)).Password!, lines, StringComparison.Ordinal);
    }
}
