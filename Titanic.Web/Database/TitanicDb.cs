using Microsoft.AspNetCore.DataProtection.EntityFrameworkCore;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Monitoring.Drift;
using Titanic.Web.Monitoring.Rollups;
using Titanic.Web.Monitoring.WhatIf;
using Titanic.Web.Pipelines;
using Titanic.Web.Pipelines.Alerts;
using Titanic.Web.Pipelines.Schedules;
using Titanic.Web.Registry;
using Titanic.Web.Serving;
using Titanic.Web.Serving.Feedback;

namespace Titanic.Web.Database;

/// <summary>
/// The database context. The entities and their configurations are in the folders of their modules. Accounts and keys are in the PostgreSQL
/// schema <c>access</c>, Hangfire's tables in <c>hangfire</c>.
/// </summary>
public sealed class TitanicDb(DbContextOptions<TitanicDb> options)
    : IdentityDbContext<IdentityUser>(options), IDataProtectionKeyContext
{
    private const string AccessSchema = "access";

    public DbSet<PassengerVersion> Passengers => Set<PassengerVersion>();
    public DbSet<SharedPersonKey> SharedPersonKeys => Set<SharedPersonKey>();
    public DbSet<Outcome> Outcomes => Set<Outcome>();
    public DbSet<Commit> Commits => Set<Commit>();
    public DbSet<ValidationReport> ValidationReports => Set<ValidationReport>();
    public DbSet<Rejection> RejectedRows => Set<Rejection>();
    public DbSet<FeatureStatistics> FeatureStatistics => Set<FeatureStatistics>();
    public DbSet<FeatureValue> FeatureValues => Set<FeatureValue>();
    public DbSet<FeatureView> FeatureViews => Set<FeatureView>();
    public DbSet<TrainingDataset> TrainingDatasets => Set<TrainingDataset>();

    public DbSet<ModelVersion> ModelVersions => Set<ModelVersion>();
    public DbSet<AliasAssignment> AliasAssignments => Set<AliasAssignment>();
    public DbSet<Reproduction> Reproductions => Set<Reproduction>();

    public DbSet<Prediction> Predictions => Set<Prediction>();
    public DbSet<LiveStatusChange> LiveStatusChanges => Set<LiveStatusChange>();
    public DbSet<PredictionFeedback> PredictionFeedback => Set<PredictionFeedback>();
    public DbSet<DailyPredictionVolume> DailyPredictionVolumes => Set<DailyPredictionVolume>();
    public DbSet<DailyPerformance> DailyPerformance => Set<DailyPerformance>();
    public DbSet<DailyPredictionCells> PredictionCells => Set<DailyPredictionCells>();
    public DbSet<RollupState> RollupState => Set<RollupState>();
    public DbSet<DailyPolicyPerformance> DailyPolicyPerformance => Set<DailyPolicyPerformance>();
    public DbSet<DriftPeriod> DriftPeriods => Set<DriftPeriod>();
    public DbSet<DriftLook> DriftLooks => Set<DriftLook>();

    public DbSet<Run> Runs => Set<Run>();
    public DbSet<RunLogLine> RunLog => Set<RunLogLine>();
    public DbSet<StoredSchedule> Schedules => Set<StoredSchedule>();
    public DbSet<SchedulePause> SchedulePauses => Set<SchedulePause>();
    public DbSet<SetupProgress> SetupProgress => Set<SetupProgress>();
    public DbSet<Alert> Alerts => Set<Alert>();
    public DbSet<AlertEvent> AlertEvents => Set<AlertEvent>();
    public DbSet<AlertEvaluationState> AlertEvaluation => Set<AlertEvaluationState>();
    public DbSet<WebhookDelivery> WebhookDeliveries => Set<WebhookDelivery>();

    public DbSet<DataProtectionKey> DataProtectionKeys => Set<DataProtectionKey>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<IdentityUser>().ToTable("users", AccessSchema);
        builder.Entity<IdentityRole>().ToTable("roles", AccessSchema);
        builder.Entity<IdentityUserRole<string>>().ToTable("user_roles", AccessSchema);
        builder.Entity<IdentityUserClaim<string>>().ToTable("user_claims", AccessSchema);
        builder.Entity<IdentityRoleClaim<string>>().ToTable("role_claims", AccessSchema);
        builder.Entity<IdentityUserLogin<string>>().ToTable("user_logins", AccessSchema);
        builder.Entity<IdentityUserToken<string>>().ToTable("user_tokens", AccessSchema);
        builder.Entity<DataProtectionKey>().ToTable("data_protection_keys", AccessSchema);

        builder.HasSequence<long>("passenger_ids");
        builder.ApplyConfigurationsFromAssembly(typeof(TitanicDb).Assembly);
    }
}

/// <summary>Creates the context for <c>dotnet ef migrations add</c>, which builds the model without connecting to a server.</summary>
internal sealed class DesignTimeContext : IDesignTimeDbContextFactory<TitanicDb>
{
    public TitanicDb CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<TitanicDb>();
        DatabaseModule.Configure(options, NpgsqlDataSource.Create("Host=localhost"));
        return new TitanicDb(options.Options);
    }
}
