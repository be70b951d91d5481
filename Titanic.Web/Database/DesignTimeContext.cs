using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;

namespace Titanic.Web.Database;

/// <summary>Lets <c>dotnet ef migrations add</c> build the model without a server; nothing ever connects to the address.</summary>
internal sealed class DesignTimeContext : IDesignTimeDbContextFactory<TitanicDb>
{
    public TitanicDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<TitanicDb>();
        DatabaseModule.Configure(options, NpgsqlDataSource.Create("Host=localhost"));
        return new TitanicDb(options.Options);
    }
}
