using Npgsql;
using Titanic.Web.FeatureStore;
using Titanic.Web.Registry;
using Titanic.Web.Serving;

namespace Titanic.Web.Pipelines;

/// <summary>Defines which rows a training run uses, and explains which current rows it does not use.</summary>
public sealed class TrainableRows(FeatureReader features, BatchInference batch, ModelRegistry registry, NpgsqlDataSource postgres, TimeProvider clock)
{
    /// <summary>
    /// The first model is trained on the historical and uploaded lists only: without a champion no passenger has been predicted. A later
    /// one is trained on all sources, up to the last commit in which every stream passenger has a prediction, from the first event time of the
    /// champion's training data. A run as of a commit or time uses all rows stored and known by then.
    /// </summary>
    /// <param name="day">The logical date; ignored where <paramref name="asOf"/> is given.</param>
    /// <param name="asOf">The commit or time whose state is read, as requested; null means the newest state.</param>
    /// <param name="champion">Null before the first promotion.</param>
    public async Task<TrainableSelection> Define(ITrainingView view, DateOnly day, string? asOf, ModelVersion? champion, CancellationToken cancellation)
    {
        var newest = await features.NewestCommit(cancellation) ?? 0;
        var trainable = champion is null ? newest : await batch.NewestTrainableCommit(cancellation) ?? 0;
        var sources = champion is null ? PassengerSources.Historical : PassengerSources.All;
        if (asOf is null)
        {
            var start = champion is null ? null : (await registry.ReadDataset(champion, cancellation)).EventTimeFrom;
            return new TrainableSelection(
                new TrainingDatasetDefinition(view, Math.Min(trainable, newest), FeatureReader.StartOf(day.AddDays(1)), sources, EventTimeFrom: start), newest);
        }
        var requested = await features.PointInTime(asOf, cancellation);
        return new TrainableSelection(
            new TrainingDatasetDefinition(view, Math.Min(trainable, requested.CommitId), requested.KnownBefore, sources), requested.CommitId);
    }

    /// <summary>The rows that a training run for today would use.</summary>
    public async Task<TrainableSelection> SelectNow(CancellationToken cancellation) => await Define(
        TrainingViews.Binned, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime), null, await registry.FindChampion(cancellation), cancellation);

    /// <summary>
    /// Counts the current rows that are not part of a dataset. All rows are read once, in about the time in which training reads them; with
    /// a commit, its rows and the passengers without a prediction.
    /// </summary>
    /// <param name="commitId">Only the rows of this commit and those whose outcomes it stored; null for all rows.</param>
    public async Task<UnusedRows> FindUnused(TrainableSelection selection, long? commitId, CancellationToken cancellation)
    {
        await using var command = postgres.CreateCommand(CountUnused(ofCommit: commitId is not null));
        command.CommandTimeout = commitId is null ? 0 : command.CommandTimeout; // a run may take longer than a page
        TrainingDatasets.AddParameters(command.Parameters, selection.Definition);
        command.Parameters.AddWithValue("newest", selection.NewestCommitId);
        if (commitId is { } commit)
            command.Parameters.AddWithValue("commit", commit);
        BatchInference.AddUnpredictedParameters(command);
        var counts = new Dictionary<UnusedReason, long>();
        var waitedFor = 0L;
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            counts.Add(Enum.Parse<UnusedReason>(reader.GetString(0)), reader.GetInt64(1));
            waitedFor = reader.GetInt64(2);
        }
        return new UnusedRows(counts, waitedFor);
    }

    private const string OfCommit =
        "and (p.commit_id = @commit or p.passenger_id in (select passenger_id from outcomes where commit_id = @commit))";

    private const string IsCandidate = "passenger_id in (select passenger_id from candidates)";

    /// <summary>
    /// The complement of <see cref="TrainingDatasets.LabeledPassengers"/> among the current rows. <c>complete_at</c> is the commit with
    /// which a row and a label that is known before the cutoff were both stored. The sets are compared by grouping, because a join of them
    /// may be planned as a nested loop where the planner expects few rows.
    /// </summary>
    private static string CountUnused(bool ofCommit) =>
        $"""
        with candidates as (
            select p.passenger_id, p.commit_id, p.source, p.event_time from passengers p where p.superseded_by is null {(ofCommit ? OfCommit : "")}
        ), unpredicted as materialized (
            select p.passenger_id, {BatchInference.FirstCommit} as first_commit_id {BatchInference.Unpredicted}
        ), versions as (
            select passenger_id, commit_id, source, event_time, false as is_used, false as is_unpredicted from candidates
            union all
            select p.passenger_id, p.commit_id, null, null, true, false {TrainingDatasets.LabeledPassengers} {(ofCommit ? "and p." + IsCandidate : "")}
            union all
            select passenger_id, null, null, null, false, true from unpredicted {(ofCommit ? "where " + IsCandidate : "")}
        ), compared as (
            select passenger_id, max(source) as source, max(event_time) as event_time, bool_or(is_unpredicted) as is_unpredicted,
                   max(commit_id) filter (where not is_used) as commit_id, max(commit_id) filter (where is_used) as used_commit_id
            from versions group by passenger_id
        ), unused as (
            select c.commit_id, c.source, c.event_time, c.is_unpredicted, o.outcomes, greatest(c.commit_id, o.labeled_at) as complete_at,
                   o.labeled_at is not null as is_labeled
            from compared c
            cross join lateral (
                select count(*) as outcomes, min(commit_id) filter (where known_at < @known_before) as labeled_at
                from outcomes where passenger_id = c.passenger_id) o
            where c.commit_id is not null and c.commit_id is distinct from c.used_commit_id
        ), reasons as (
            select complete_at, case
                when source <> all (@sources) then '{UnusedReason.OtherSources}'
                when event_time < @event_time_from then '{UnusedReason.BeforeStart}'
                when commit_id > @newest then '{UnusedReason.CommittedLater}'
                when is_unpredicted then '{UnusedReason.AwaitingPrediction}'
                when outcomes = 0 then '{UnusedReason.OutcomeUnknown}'
                when not is_labeled then '{UnusedReason.KnownAfterCutoff}'
                when complete_at > @newest then '{UnusedReason.CommittedLater}'
                when complete_at >= (select min(first_commit_id) from unpredicted) then '{UnusedReason.HeldBack}'
                when complete_at > @as_of then '{UnusedReason.CommittedLater}'
                else '{UnusedReason.Copies}' end as reason
            from unused
        )
        select reason, count(*), (
            select count(*) from unpredicted
            where first_commit_id <= (select max(complete_at) from reasons where reason = '{UnusedReason.HeldBack}'))
        from reasons group by reason
        """;
}

/// <summary>The training dataset of a run, before it is read.</summary>
/// <param name="NewestCommitId">
/// The newest commit that the run reads: the requested one, otherwise the newest of the store. The dataset ends earlier where stream
/// passengers await a prediction.
/// </param>
public sealed record TrainableSelection(TrainingDatasetDefinition Definition, long NewestCommitId);
