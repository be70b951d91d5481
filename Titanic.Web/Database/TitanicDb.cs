using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring;
using Titanic.Web.Pipelines;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

namespace Titanic.Web.Database;

/// <summary>
/// The schema at a glance. Each noun's entities and their configuration stand in the noun's own folder; accounts and keys live
/// in the PostgreSQL schema <c>access</c>, Hangfire's in <c>hangfire</c>.
/// </summary>
public sealed class TitanicDb(DbContextOptions<TitanicDb> options)
    : IdentityDbContext<IdentityUser>(options), IDataProtectionKeyContext
{
    public DbSet<PassengerVersion> Passengers => Set<PassengerVersion>();
    public DbSet<Outcome> Outcomes => Set<Outcome>();
    public DbSet<Commit> Commits => Set<Commit>();
    public DbSet<Rejection> RejectedRows => Set<Rejection>();
    public DbSet<FeatureView> FeatureViews => Set<FeatureView>();
    public DbSet<TrainingDataset> TrainingDatasets => Set<TrainingDataset>();

    public DbSet<ModelVersion> ModelVersions => Set<ModelVersion>();
    public DbSet<AliasAssignment> AliasAssignments => Set<AliasAssignment>();

    public DbSet<Prediction> Predictions => Set<Prediction>();
    public DbSet<DailyPerformance> DailyPerformance => Set<DailyPerformance>();

    public DbSet<Run> Runs => Set<Run>();
    public DbSet<RunLogLine> RunLog => Set<RunLogLine>();
    public DbSet<SetupProgress> SetupProgress => Set<SetupProgress>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        foreach (var foreign in builder.Model.GetEntityTypes().Where(type => type.ClrType.Assembly != typeof(TitanicDb).Assembly))
            foreign.SetSchema("access");
        builder.HasSequence<long>("passenger_ids");
        builder.ApplyConfigurationsFromAssembly(typeof(TitanicDb).Assembly);
    }
}
