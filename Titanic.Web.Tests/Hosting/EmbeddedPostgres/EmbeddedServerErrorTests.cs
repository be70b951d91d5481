using Microsoft.Extensions.Logging.Abstractions;
using Titanic.Web.Hosting.EmbeddedPostgres;

namespace Titanic.Web.Tests.Hosting.EmbeddedPostgres;

/// <summary>The messages if the embedded server cannot be used: the value found, the values allowed and the remedy.</summary>
public sealed class EmbeddedServerErrorTests(PreparedCluster prepared) : IDisposable
{
    private readonly TestFolder _folder = TestFolder.Create();

    [Fact]
    public async Task Rejects_a_data_directory_of_another_major_version_without_changing_it()
    {
        Directory.CreateDirectory(_folder.PathTo("data"));
        File.WriteAllText(_folder.PathTo("data/PG_VERSION"), "16\n");

        var message = await MessageOf(_folder.Options);

        Assert.Contains("data was created by PostgreSQL 16; the embedded server is PostgreSQL 18 ", message, StringComparison.Ordinal);
        Assert.Contains("Nothing was changed", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
        Assert.Equal("16\n", File.ReadAllText(_folder.PathTo("data/PG_VERSION")));
    }

    [Fact]
    public async Task Rejects_a_data_directory_without_a_database_cluster_without_changing_it()
    {
        Directory.CreateDirectory(_folder.PathTo("data"));
        File.WriteAllText(_folder.PathTo("data/diary.txt"), "mine");

        var message = await MessageOf(_folder.Options);

        Assert.Contains("of an unknown version (there is no PG_VERSION file)", message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(_folder.PathTo("data/diary.txt")));
    }

    [Fact]
    public async Task Reports_a_state_folder_that_cannot_be_written()
    {
        // A file in place of a parent folder fails for root too, unlike missing permissions.
        File.WriteAllText(_folder.PathTo("file"), "");

        var message = await MessageOf(_folder.Options with { DataDirectory = _folder.PathTo("file/state") });

        Assert.Contains($"cannot store its data in {_folder.PathTo("file/state")}", message, StringComparison.Ordinal);
        Assert.Contains("Titanic__DataDirectory", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_missing_binaries_and_how_to_install_them()
    {
        var message = await MessageOf(_folder.Options with { BinariesRoot = _folder.PathTo("nowhere") });

        Assert.Contains($"binaries are not in {_folder.PathTo("nowhere")}", message, StringComparison.Ordinal);
        Assert.Contains("Build the project again", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("linux-musl-x64")]
    [InlineData("linux-s390x")]
    public void Reports_an_unsupported_platform_and_how_to_use_another_server(string runtimeIdentifier)
    {
        var message = Assert.Throws<EmbeddedServerException>(() => Binaries.PlatformOf(runtimeIdentifier)).Message;

        Assert.Contains(runtimeIdentifier, message, StringComparison.Ordinal);
        Assert.Contains("linux-x64, linux-arm64", message, StringComparison.Ordinal);
        Assert.Contains("ConnectionStrings__Titanic", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_a_missing_password_file_without_changing_the_data()
    {
        using var folder = await prepared.Copy();
        File.Delete(folder.PathTo("credentials"));

        var message = await MessageOf(folder.Options);

        Assert.Contains($"cannot be read from {folder.PathTo("credentials")}", message, StringComparison.Ordinal);
        Assert.True(File.Exists(folder.PathTo("data/PG_VERSION")));
    }

    [Fact]
    public async Task Reports_the_passwords_of_another_cluster()
    {
        using var folder = await prepared.Copy();
        await using var server = await EmbeddedServer.Start(folder.Options, NullLogger.Instance, TestContext.Current.CancellationToken);
        Credentials.Create().Write(folder.PathTo("credentials"));

        var message = await MessageOf(folder.Options);

        Assert.Contains("does not accept the passwords", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reports_the_log_of_a_server_that_does_not_start()
    {
        using var folder = await prepared.Copy();
        File.AppendAllText(folder.PathTo("data/postgresql.conf"), "\nno_such_setting = 1\n");

        var message = await MessageOf(folder.Options);

        Assert.Contains("unrecognized configuration parameter \"no_such_setting\"", message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static async Task<string> MessageOf(EmbeddedServerOptions options) =>
        (await Assert.ThrowsAsync<EmbeddedServerException>(
            () => EmbeddedServer.Start(options, NullLogger.Instance, TestContext.Current.CancellationToken))).Message;
}
