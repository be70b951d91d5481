using Microsoft.EntityFrameworkCore;
using Npgsql;
using Titanic.Web.Database;

namespace Titanic.Web.Tests.Repository;

public sealed class MigrationsTests
{
    [Fact]
    public void The_list_of_migrations_is_complete()
    {
        using var unused = NpgsqlDataSource.Create("Host=localhost");
        using var db = new TitanicDb((DbContextOptions<TitanicDb>)DatabaseModule.Configure(new DbContextOptionsBuilder<TitanicDb>(), unused).Options);

        Assert.Equal(db.Database.GetMigrations(), Schema.Migrations);
    }

    [Fact]
    public void Every_model_change_has_a_migration()
    {
        using var unused = NpgsqlDataSource.Create("Host=localhost");
        using var db = new TitanicDb(new DbContextOptionsBuilder<TitanicDb>().UseNpgsql(unused).UseSnakeCaseNamingConvention().Options);

        Assert.False(
            db.Database.HasPendingModelChanges(),
            "The model has changed; run: dotnet ef migrations add NAME --project Titanic.Web --output-dir Database/Migrations");
    }
}
