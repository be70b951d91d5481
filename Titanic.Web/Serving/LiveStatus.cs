using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Npgsql;
using Titanic.Web.Database;
using Titanic.Web.FeatureStore;

namespace Titanic.Web.Serving;

/// <summary>
/// The one definition of a live prediction: no row of the person or of a namesake was stored by the commit of the training dataset, labeled or
/// not, and the row is current and the person's first, so that live metrics count a person once. Batch inference stores the status with the prediction. A
/// correction can change it; <see cref="Update"/> then updates the stored status, and the promotion gate evaluates the definition when it reads.
/// </summary>
/// <remarks>
/// A row is learned if its passenger was stored by the commit of the training dataset. It is the person of its name at that commit or earlier, and
/// the person of its name now; a wrong name in between does not matter. The training rows
/// of an imported model are not in this store, but two stores may contain the same passengers: those of the same sources with an event time
/// before the label cutoff count as learned.
/// </remarks>
internal static class LiveStatus
{
    /// <summary>SQL: what each model version has learned; <c>as_of_commit_id</c> is null for an imported version.</summary>
    public const string LearnedByVersion =
        """
        (select v.name, v.version, d.as_of_commit_id, coalesce(d.sources, array(select jsonb_array_elements_text(v.origin -> 'dataset' -> 'sources'))) as sources,
                (v.origin -> 'dataset' ->> 'knownBefore')::timestamptz as known_before
         from model_versions v left join training_datasets d on d.training_dataset_id = v.training_dataset_id)
        """;

    /// <summary>SQL: the status of a prediction of <c>passengers p</c> by a version <c>m</c> of <see cref="LearnedByVersion"/>.</summary>
    public static readonly string Condition = ConditionWith(BatchInference.FirstCommit);

    /// <summary>SQL: the same with the rows as of the commit <c>@commit</c>; <c>p</c> is a row version until that commit.</summary>
    public static readonly string ConditionAsOfCommit = ConditionWith(BatchInference.FirstCommit, "@commit");

    /// <summary>SQL: the newest row version <c>p</c> and the version <c>m</c> of each prediction <c>a</c> of a passenger.</summary>
    private const string OfPredictions =
        $"""
        predictions a
        join {LearnedByVersion} m on m.name = a.model_name and m.version = a.model_version
        cross join lateral (select * from passengers newest where newest.passenger_id = a.passenger_id order by newest.commit_id desc limit 1) p
        """;

    /// <summary>
    /// SQL: a common table expression <c>affected</c> with the passengers whose status may have changed since a state: the newest commit
    /// <c>@commit</c> and the newest prediction <c>@prediction</c> that were counted. They are parameters, not a subquery: the planner must know
    /// that few rows are newer.
    /// </summary>
    public const string Affected =
        $"""
        changed as materialized (
            select passenger_id, person_key, name is not null or person is not null as has_person from passengers
            where commit_id > @commit
            union
            select passenger_id, person_key, name is not null or person is not null from passengers
            where superseded_by is not null and superseded_by > @commit
        ), affected as materialized (
            select passenger_id from changed
            union
            select s.passenger_id from passengers s
            where (s.name is not null or s.person is not null) and s.person_key in (select person_key from changed where has_person)
            union
            select passenger_id from predictions
            where source = '{PredictionSources.Batch}' and prediction_id > @prediction
        )
        """;

    /// <summary>
    /// Evaluates predictions of passengers that have, or had, a person key of a row that was committed or ended after the newest counted
    /// commit, of passengers whose row was corrected since, and predictions that are not counted yet: a correction that was counted earlier can
    /// have been stored while they were computed.
    /// </summary>
    private static readonly string UpdateChanged =
        $"""
        with {Affected}, evaluated as materialized (
            select a.prediction_id, {Condition} as is_live
            from {OfPredictions}
            where a.passenger_id in (select passenger_id from affected)
        ), changed_status as materialized (
            select e.prediction_id, a.is_live as was_live, e.is_live
            from evaluated e
            join predictions a on a.prediction_id = e.prediction_id and a.is_live is distinct from e.is_live
        ), recorded as (
            insert into live_status_changes (prediction_id, was_live, changed_at) select prediction_id, was_live, @now from changed_status where was_live is not null
        )
        update predictions a set is_live = s.is_live
        from changed_status s where s.prediction_id = a.prediction_id
        returning a.logical_date
        """;

    private static readonly string SelectOne = $"""select {Condition} as "Value" from {OfPredictions} where a.prediction_id = @prediction""";

    /// <param name="firstCommit">The commit of the first row version of <c>p</c>.</param>
    /// <param name="asOf">An SQL expression of the newest commit whose rows count; null for the current rows.</param>
    public static string ConditionWith(string firstCommit, string? asOf = null) =>
        $"""
        (({IsValid("p", asOf)}) and p.person_id = p.passenger_id
        and (p.source <> all (m.sources) or case when m.as_of_commit_id is null then p.event_time >= m.known_before else {firstCommit} > m.as_of_commit_id end)
        and ((p.name is null and p.person is null) or not exists (select {PersonLinks.OtherRowsOfKey} and {IsLearned(asOf)}))
        and not exists (select {PersonLinks.DeletedRowsOfKey} {(asOf is null ? "" : $"and s.superseded_by <= {asOf}")} and {IsLearned(asOf)}))
        """;

    /// <summary>SQL: whether the passenger of a row version <c>s</c> was learned by <c>m</c>.</summary>
    private static string IsLearned(string? asOf) =>
        $"""
        s.source = any (m.sources) {(asOf is null ? "" : $"and s.commit_id <= {asOf}")}
        and case when m.as_of_commit_id is null then s.event_time < m.known_before
                 else s.commit_id <= m.as_of_commit_id or (({IsValid("s", asOf)}) and
                     (select min(first.commit_id) from passengers first where first.passenger_id = s.passenger_id) <= m.as_of_commit_id) end
        """;

    private static string IsValid(string row, string? asOf) => asOf is null ? $"{row}.superseded_by is null" : $"{row}.superseded_by is null or {row}.superseded_by > {asOf}";

    /// <summary>Updates the stored status of predictions after corrections, and stores the former status with the time of the change.</summary>
    /// <param name="connection">A connection with a transaction.</param>
    /// <param name="commitId">The newest counted commit.</param>
    /// <param name="predictionId">The newest counted prediction.</param>
    /// <param name="now">The time of the change.</param>
    /// <param name="cancellation">Cancels the statement.</param>
    /// <returns>The days of the predictions whose status changed; they can occur more than once.</returns>
    public static async Task<List<DateOnly>> Update(NpgsqlConnection connection, long commitId, long predictionId, DateTimeOffset now, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(UpdateChanged, connection) { CommandTimeout = 0 }; // a large import can precede
        command.Parameters.AddWithValue("commit", commitId);
        command.Parameters.AddWithValue("prediction", predictionId);
        command.Parameters.AddWithValue("now", now);
        var days = new List<DateOnly>();
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            days.Add(reader.GetFieldValue<DateOnly>(0));
        return days;
    }

    /// <summary>
    /// SQL: the status of <c>predictions p</c> as it was stored at an instant: the former status of the first change after it, or without
    /// one the current status.
    /// </summary>
    /// <param name="instant">An SQL expression of type timestamptz.</param>
    public static string StoredAt(string instant) =>
        $"""
        coalesce((select c.was_live from live_status_changes c
                  where c.prediction_id = p.prediction_id and c.changed_at > {instant}
                  order by c.changed_at, c.live_status_change_id limit 1), p.is_live)
        """;

    /// <summary>Evaluates the status of one prediction of a passenger, whatever status is stored.</summary>
    public static Task<bool> Evaluate(TitanicDb db, long predictionId, CancellationToken cancellation) =>
        db.Database.SqlQueryRaw<bool>(SelectOne, new NpgsqlParameter("prediction", predictionId)).SingleAsync(cancellation);
}

/// <summary>
/// A change of the stored status of a prediction, so that reads as of an earlier instant find the status of that time. The database rejects
/// changes of these rows.
/// </summary>
public sealed class LiveStatusChange
{
    public long LiveStatusChangeId { get; init; }
    public long PredictionId { get; init; }

    /// <summary>The status before the change.</summary>
    public bool WasLive { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
}

internal sealed class LiveStatusChangeTable : IEntityTypeConfiguration<LiveStatusChange>
{
    public void Configure(EntityTypeBuilder<LiveStatusChange> changes)
    {
        changes.ToTable("live_status_changes");
        changes.HasKey(c => c.LiveStatusChangeId);
        changes.Property(c => c.LiveStatusChangeId).UseIdentityAlwaysColumn();
        changes.HasOne<Prediction>().WithMany().HasForeignKey(c => c.PredictionId).OnDelete(DeleteBehavior.Restrict);
        changes.HasIndex(c => new { c.PredictionId, c.ChangedAt });
    }
}
