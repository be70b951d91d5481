using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Repository;

public sealed class MigrationsTests
{
    [Fact]
    public void The_list_of_migrations_is_complete()
    {
        using var nowhere = NpgsqlDataSource.Create("Host=localhost");
        using var db = new TitanicDb((DbContextOptions<TitanicDb>)DatabaseModule.Configure(new DbContextOptionsBuilder<TitanicDb>(), nowhere).Options);

        Assert.Equal(db.Database.GetMigrations(), Schema.Migrations);
    }

    [Fact]
    public void Every_change_of_the_model_has_its_migration()
    {
        using var nowhere = NpgsqlDataSource.Create("Host=localhost");
        using var db = new TitanicDb(new DbContextOptionsBuilder<TitanicDb>().UseNpgsql(nowhere).UseSnakeCaseNamingConvention().Options);

        Assert.False(db.Database.HasPendingModelChanges(), "The model has changed: dotnet ef migrations add <what changed> --project Titanic.Web --output-dir Database/Migrations");
    }
}
