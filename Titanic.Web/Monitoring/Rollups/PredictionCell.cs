using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.Passengers;
using Titanic.Web.Serving;

namespace Titanic.Web.Monitoring.Rollups;

/// <summary>
/// The predictions of a day with equal values of everything that a metric depends on, and their number by outcome. A day has at most as many
/// cells as its versions have distinct inputs, however many predictions it has.
/// </summary>
public sealed class PredictionCell
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>One of <see cref="PredictionSources"/>.</summary>
    public required string Source { get; init; }

    /// <summary>Whether the predictions are live; null for predictions of the page and the API.</summary>
    public bool? IsLive { get; init; }

    public int ModelVersion { get; init; }
    public short Pclass { get; init; }
    public Sex Sex { get; init; }

    /// <summary>The predicted class.</summary>
    public bool Survived { get; init; }

    /// <summary>The predicted probability of survival, 0..1.</summary>
    public double Probability { get; init; }

    /// <summary>Number of predictions, including those without a known outcome.</summary>
    public int Predictions { get; init; }

    /// <summary>Number of predictions of passengers who died.</summary>
    public int OutcomeDied { get; init; }

    /// <summary>Number of predictions of passengers who survived.</summary>
    public int OutcomeSurvived { get; init; }
}

/// <summary>
/// The stored cells of a day, source, live status and version: arrays of equal length, ordered by class, sex (male first), predicted class and
/// probability. Reading a row for each cell takes several times as long.
/// </summary>
public sealed class DailyPredictionCells
{
    public DateOnly LogicalDate { get; init; }

    /// <summary>One of <see cref="PredictionSources"/>.</summary>
    public required string Source { get; init; }

    /// <inheritdoc cref="PredictionCell.IsLive"/>
    public bool? IsLive { get; init; }

    public int ModelVersion { get; init; }

#pragma warning disable CA1819 // Npgsql maps columns of arrays to arrays.
    public required short[] Pclass { get; init; }
    public required bool[] IsFemale { get; init; }

    /// <inheritdoc cref="PredictionCell.Survived"/>
    public required bool[] Survived { get; init; }

    /// <inheritdoc cref="PredictionCell.Probability"/>
    public required double[] Probability { get; init; }

    /// <inheritdoc cref="PredictionCell.Predictions"/>
    public required int[] Predictions { get; init; }

    /// <inheritdoc cref="PredictionCell.OutcomeDied"/>
    public required int[] OutcomeDied { get; init; }

    /// <inheritdoc cref="PredictionCell.OutcomeSurvived"/>
    public required int[] OutcomeSurvived { get; init; }
#pragma warning restore CA1819
}

/// <summary>The predictions and outcomes that the roll-ups contain: one row, or none before the first monitoring run.</summary>
public sealed class RollupState
{
    /// <summary>Always 1.</summary>
    public int Id { get; init; }

    /// <summary>The newest commit whose outcomes are counted.</summary>
    public long AsOfCommitId { get; init; }

    /// <summary>The newest counted prediction of batch inference, which stores its predictions in the order of their ids.</summary>
    public long LastPredictionId { get; init; }

    /// <summary>
    /// Predictions of the page and the API are counted for the days before this one. Their ids are assigned before the rows are committed, so
    /// that only a day whose transactions have ended can be counted for good.
    /// </summary>
    public DateOnly SettledBefore { get; init; }

    /// <summary>
    /// Reads the state in the transaction of a connection. Its later statements are not compiled just in time, which takes longer than it saves.
    /// </summary>
    internal static async Task<RollupState> Read(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("set local jit = off; select as_of_commit_id, last_prediction_id, settled_before from rollup_state", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new() { Id = 1, AsOfCommitId = reader.GetInt64(0), LastPredictionId = reader.GetInt64(1), SettledBefore = reader.GetFieldValue<DateOnly>(2) }
            : new() { Id = 1 };
    }
}

internal sealed class DailyPredictionCellsTable : IEntityTypeConfiguration<DailyPredictionCells>
{
    /// <summary>The largest value of PostgreSQL: rows of up to about 330 cells stay in one piece; by default only those of 80 cells.</summary>
    private const int LargestRow = 8160;

    public void Configure(EntityTypeBuilder<DailyPredictionCells> cells)
    {
        cells.ToTable("prediction_cells");
        cells.HasStorageParameter("toast_tuple_target", LargestRow);
        cells.HasNoKey();
        cells.HasIndex(c => new { c.LogicalDate, c.Source, c.IsLive, c.ModelVersion }).IsUnique().AreNullsDistinct(false).HasDatabaseName("ix_prediction_cells_values");
    }
}

internal sealed class RollupStateTable : IEntityTypeConfiguration<RollupState>
{
    public void Configure(EntityTypeBuilder<RollupState> state)
    {
        state.ToTable("rollup_state", table => table.HasCheckConstraint("ck_rollup_state_one_row", "id = 1"));
        state.HasKey(s => s.Id);
        state.Property(s => s.Id).ValueGeneratedNever();
    }
}
